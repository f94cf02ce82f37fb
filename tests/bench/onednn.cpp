// onednn.cpp - the main job through oneDNN's matmul: X, Z and the weights in float32 or bfloat16
// (then with float32 master weights). The layers' biases and sigmoid are fused into the products.
// Usage: onednn f32|bf16 DATA_DIR ITERATIONS SEED
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>
#include <zlib.h>

using dnnl::memory;
using dtype = memory::data_type;

namespace {

constexpr int HIDDEN = 50, CLASSES = 10, BATCH = 100, BLOCK = 1000;
constexpr float RATE = 0.1F, STD = 0.01F;

uint16_t to_bf16(float x) { // round to nearest, ties to even; x is finite
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

void convert(float *to, const float *from, size_t n) { std::copy(from, from + n, to); }

void convert(uint16_t *to, const float *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = to_bf16(from[i]);
}

std::vector<uint8_t> read_gz(const std::string &path, size_t header) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (!file) {
        std::fprintf(stderr, "onednn: cannot open %s\n", path.c_str());
        std::exit(1);
    }
    std::vector<uint8_t> bytes;
    std::vector<uint8_t> piece(1 << 20);
    for (int n; (n = gzread(file, piece.data(), 1 << 20)) > 0;)
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + n);
    gzclose(file);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<long>(header));
    return bytes;
}

template <typename T> struct dataset {
    std::vector<T> x;            // [n × n_in] pixels, 0..1
    std::vector<uint8_t> labels; // [n]
    size_t n, n_in;

    dataset(const std::string &dir, const char *part)
        : labels(read_gz(dir + "/" + part + "-labels-idx1-ubyte.gz", 8)), n(labels.size()) {
        const auto pixels = read_gz(dir + "/" + part + "-images-idx3-ubyte.gz", 16);
        n_in = pixels.size() / n;
        T scaled[256];
        for (int i = 0; i < 256; i++) {
            const float value = static_cast<float>(i) / 255.0F;
            convert(&scaled[i], &value, 1);
        }
        x.resize(pixels.size());
        std::transform(pixels.begin(), pixels.end(), x.begin(), [&](uint8_t p) { return scaled[p]; });
    }
};

// C = op(A) op(B) (+ bias) (→ sigmoid), row-major, for one shape: made once, run often.
struct product {
    dnnl::stream stream;
    memory a, b, c, bias;
    dnnl::matmul primitive;
    std::unordered_map<int, memory> arguments;

    product(const dnnl::engine &engine, const dnnl::stream &s, memory::dim m, memory::dim n, memory::dim k, dtype in,
            dtype out, bool a_transposed, bool b_transposed, void *bp, void *cp, float *bias_p = nullptr,
            bool sigmoid = false)
        : stream(s) {
        using tag = memory::format_tag;
        const memory::desc ad({m, k}, in, a_transposed ? tag::ba : tag::ab);
        const memory::desc bd({k, n}, in, b_transposed ? tag::ba : tag::ab);
        const memory::desc cd({m, n}, out, tag::ab);
        const memory::desc biasd({1, n}, dtype::f32, tag::ab);
        dnnl::primitive_attr attr;
        if (sigmoid) {
            dnnl::post_ops ops;
            ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_logistic, 0.0F, 0.0F);
            attr.set_post_ops(ops);
        }
        a = memory(ad, engine, nullptr);
        b = memory(bd, engine, bp);
        c = memory(cd, engine, cp);
        const auto desc = bias_p ? dnnl::matmul::desc(ad, bd, biasd, cd) : dnnl::matmul::desc(ad, bd, cd);
        primitive = dnnl::matmul(dnnl::matmul::primitive_desc(desc, attr, engine));
        arguments = {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}};
        if (bias_p) arguments[DNNL_ARG_BIAS] = memory(biasd, engine, bias_p);
    }

    void operator()(const void *ap) {
        a.set_data_handle(const_cast<void *>(ap));
        primitive.execute(stream, arguments);
        stream.wait();
    }
};

// Turns logits into probabilities in place; returns the sum of -log p[label].
double softmax(float *y, const uint8_t *labels, size_t rows, size_t *correct) {
    double loss = 0;
    for (size_t r = 0; r < rows; r++, y += CLASSES) {
        const float *most = std::max_element(y, y + CLASSES);
        *correct += most - y == labels[r];
        const float top = *most;
        float sum = 0;
        for (int c = 0; c < CLASSES; c++) sum += y[c] = std::exp(y[c] - top);
        for (int c = 0; c < CLASSES; c++) y[c] /= sum;
        loss -= std::log(std::max(static_cast<double>(y[labels[r]]), 1e-37));
    }
    return loss;
}

template <typename T> void run(dtype type, const std::string &dir, int iterations, unsigned seed) {
    const dataset<T> train(dir, "train"), test(dir, "t10k");
    const size_t n_in = train.n_in;
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, STD);
    std::uniform_int_distribution<size_t> any(0, train.n - 1);

    std::vector<float> w1(n_in * HIDDEN), b1(HIDDEN), w2(HIDDEN * CLASSES), b2(CLASSES);
    for (float &w : w1) w = normal(random);
    for (float &w : w2) w = normal(random);
    std::vector<float> dw1(w1.size()), dw2(w2.size()), y(BLOCK * CLASSES), dz(BATCH * HIDDEN);
    std::vector<T> v1(w1.size()), v2(w2.size()); // the weights as the products see them
    std::vector<T> x(BATCH * n_in), z(BLOCK * HIDDEN), dy(BATCH * CLASSES), da(BATCH * HIDDEN);
    std::vector<uint8_t> t(BATCH);

    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    const dnnl::stream s(engine);
    const auto in = static_cast<memory::dim>(n_in);
    product hidden(engine, s, BATCH, HIDDEN, in, type, type, false, false, v1.data(), z.data(), b1.data(), true);
    product output(engine, s, BATCH, CLASSES, HIDDEN, type, dtype::f32, false, false, v2.data(), y.data(), b2.data());
    product gradient2(engine, s, HIDDEN, CLASSES, BATCH, type, dtype::f32, true, false, dy.data(), dw2.data());
    product back(engine, s, BATCH, HIDDEN, CLASSES, type, dtype::f32, false, true, v2.data(), dz.data());
    product gradient1(engine, s, in, HIDDEN, BATCH, type, dtype::f32, true, false, da.data(), dw1.data());

    const auto refresh = [&] {
        convert(v1.data(), w1.data(), w1.size());
        convert(v2.data(), w2.data(), w2.size());
    };
    const auto evaluate = [&](const dataset<T> &set, double *loss) {
        size_t correct = 0;
        for (size_t i = 0; i < set.n; i += BLOCK) {
            const size_t rows = std::min<size_t>(BLOCK, set.n - i);
            const auto m = static_cast<memory::dim>(rows);
            product block_hidden(engine, s, m, HIDDEN, in, type, type, false, false, v1.data(), z.data(), b1.data(),
                                 true); // from oneDNN's cache, except the first
            product block_output(engine, s, m, CLASSES, HIDDEN, type, dtype::f32, false, false, v2.data(), y.data(),
                                 b2.data());
            block_hidden(&set.x[i * n_in]);
            block_output(z.data());
            *loss += softmax(y.data(), &set.labels[i], rows, &correct);
        }
        return static_cast<double>(correct) / static_cast<double>(set.n);
    };

    refresh();
    double loss = 0, accuracy = 0;
    evaluate(train, &loss);
    evaluate(test, &loss);
    const int epoch = static_cast<int>((train.n - 1) / BATCH + 1);
    for (int i = 1; i <= iterations; i++) {
        for (size_t r = 0; r < BATCH; r++) {
            const size_t row = any(random);
            std::copy_n(&train.x[row * n_in], n_in, &x[r * n_in]);
            t[r] = train.labels[row];
        }
        size_t correct = 0;
        hidden(x.data());
        output(z.data());
        loss += softmax(y.data(), t.data(), BATCH, &correct);
        std::vector<float> &d = y; // dY = (Y - T) / N
        float db2[CLASSES] = {0}, db1[HIDDEN] = {0};
        for (size_t r = 0; r < BATCH; r++) {
            d[r * CLASSES + t[r]] -= 1.0F;
            for (size_t c = 0; c < CLASSES; c++) db2[c] += d[r * CLASSES + c] /= BATCH;
        }
        convert(dy.data(), d.data(), dy.size());
        gradient2(z.data());
        back(dy.data());
        for (size_t r = 0; r < BATCH; r++)
            for (size_t h = 0; h < HIDDEN; h++) {
                float a;
                if constexpr (sizeof(T) == 2) {
                    const uint32_t bits = static_cast<uint32_t>(z[r * HIDDEN + h]) << 16;
                    std::memcpy(&a, &bits, sizeof a);
                } else {
                    a = z[r * HIDDEN + h];
                }
                db1[h] += dz[r * HIDDEN + h] *= a * (1.0F - a);
            }
        convert(da.data(), dz.data(), da.size());
        gradient1(x.data());
        for (size_t k = 0; k < w1.size(); k++) w1[k] -= RATE * dw1[k];
        for (size_t k = 0; k < w2.size(); k++) w2[k] -= RATE * dw2[k];
        for (size_t h = 0; h < HIDDEN; h++) b1[h] -= RATE * db1[h];
        for (size_t c = 0; c < CLASSES; c++) b2[c] -= RATE * db2[c];
        refresh();
        if (i % epoch == 0 || i == iterations) {
            evaluate(train, &loss);
            accuracy = evaluate(test, &loss);
        }
    }
    const dnnl_version_t *v = dnnl_version();
    std::printf("version oneDNN %d.%d.%d\ntest_acc %.4f\nsum %g\n", v->major, v->minor, v->patch, accuracy, loss);
}

} // namespace

int main(int argc, char **argv) {
    const std::string type = argc == 5 ? argv[1] : "";
    const int iterations = argc == 5 ? std::atoi(argv[3]) : 0;
    if ((type != "f32" && type != "bf16") || iterations < 1) {
        std::fprintf(stderr, "usage: onednn f32|bf16 DATA_DIR ITERATIONS SEED\n");
        return 2;
    }
    const auto seed = static_cast<unsigned>(std::atoi(argv[4]));
    if (type == "f32")
        run<float>(dtype::f32, argv[2], iterations, seed);
    else
        run<uint16_t>(dtype::bf16, argv[2], iterations, seed);
    return 0;
}
