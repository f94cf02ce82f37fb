// onednn.cpp - the main job, or the work of --preset best, through oneDNN's matmul: X, Z and the weights in float32 or
// bfloat16 (then with float32 master weights). The layers' biases and sigmoid are fused into the products.
// Usage: onednn f32|bf16 DATA_DIR ITERATIONS SEED [best]
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

constexpr int CLASSES = 10, BLOCK = 1000;
constexpr float STD = 0.01F;

struct job {
    size_t hidden, batch;
    float rate;
    bool adam; // with a moving average of the weights, every 10 iterations, and one evaluation at the end; false: SGD
};
constexpr job MAIN = {50, 100, 0.1F, false}, BEST = {2048, 256, 0.003F, true};

// One array of parameters.
struct parameters {
    std::vector<float> w, gradient, m, v, average;

    parameters(size_t n, const job &j) : w(n), gradient(n), m(j.adam ? n : 0), v(m), average(m) {}

    void step(const job &j, int t) { // Kingma and Ba 2015, beta1 0.9, beta2 0.999
        const size_t n = w.size();
        if (!j.adam) {
            for (size_t k = 0; k < n; k++) w[k] -= j.rate * gradient[k];
            return;
        }
        const float rate = j.rate / (1.0F - std::pow(0.9F, static_cast<float>(t)));
        const float root = std::sqrt(1.0F - std::pow(0.999F, static_cast<float>(t)));
        for (size_t k = 0; k < n; k++) {
            m[k] = 0.9F * m[k] + 0.1F * gradient[k];
            v[k] = 0.999F * v[k] + 0.001F * gradient[k] * gradient[k];
            w[k] -= rate * m[k] / (std::sqrt(v[k]) / root + 1e-8F);
        }
        for (size_t k = 0; t % 10 == 0 && k < n; k++) average[k] += 0.01F * (w[k] - average[k]);
    }
};

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

template <typename T> void run(const job &j, dtype type, const std::string &dir, int iterations, unsigned seed) {
    const size_t n_hidden = j.hidden, n_batch = j.batch;
    const auto units = static_cast<memory::dim>(n_hidden), rows_of_batch = static_cast<memory::dim>(n_batch);
    const dataset<T> train(dir, "train"), test(dir, "t10k");
    const size_t n_in = train.n_in;
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, STD);
    std::uniform_int_distribution<size_t> any(0, train.n - 1);

    parameters w1(n_in * n_hidden, j), b1(n_hidden, j), w2(n_hidden * CLASSES, j), b2(CLASSES, j);
    for (float &w : w1.w) w = normal(random);
    for (float &w : w2.w) w = normal(random);
    std::vector<float> y(BLOCK * CLASSES), dz(n_batch * n_hidden);
    std::vector<T> v1(w1.w.size()), v2(w2.w.size()); // the weights as the products see them
    std::vector<T> x(n_batch * n_in), z(BLOCK * n_hidden), dy(n_batch * CLASSES), da(n_batch * n_hidden);
    std::vector<uint8_t> t(n_batch);

    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    const dnnl::stream s(engine);
    const auto in = static_cast<memory::dim>(n_in);
    product hidden(engine, s, rows_of_batch, units, in, type, type, false, false, v1.data(), z.data(), b1.w.data(),
                   true);
    product output(engine, s, rows_of_batch, CLASSES, units, type, dtype::f32, false, false, v2.data(), y.data(),
                   b2.w.data());
    product gradient2(engine, s, units, CLASSES, rows_of_batch, type, dtype::f32, true, false, dy.data(),
                      w2.gradient.data());
    product back(engine, s, rows_of_batch, units, CLASSES, type, dtype::f32, false, true, v2.data(), dz.data());
    product gradient1(engine, s, in, units, rows_of_batch, type, dtype::f32, true, false, da.data(),
                      w1.gradient.data());

    const auto refresh = [&] {
        convert(v1.data(), w1.w.data(), w1.w.size());
        convert(v2.data(), w2.w.data(), w2.w.size());
    };
    const auto evaluate = [&](const dataset<T> &set, double *loss) {
        size_t correct = 0;
        for (size_t i = 0; i < set.n; i += BLOCK) {
            const size_t rows = std::min<size_t>(BLOCK, set.n - i);
            const auto m = static_cast<memory::dim>(rows);
            product block_hidden(engine, s, m, units, in, type, type, false, false, v1.data(), z.data(), b1.w.data(),
                                 true); // from oneDNN's cache, except the first
            product block_output(engine, s, m, CLASSES, units, type, dtype::f32, false, false, v2.data(), y.data(),
                                 b2.w.data());
            block_hidden(&set.x[i * n_in]);
            block_output(z.data());
            *loss += softmax(y.data(), &set.labels[i], rows, &correct);
        }
        return static_cast<double>(correct) / static_cast<double>(set.n);
    };

    refresh();
    double loss = 0, accuracy = 0;
    const int epoch = j.adam ? iterations : static_cast<int>((train.n - 1) / n_batch + 1);
    if (!j.adam) {
        evaluate(train, &loss);
        evaluate(test, &loss);
    }
    for (int i = 1; i <= iterations; i++) {
        for (size_t r = 0; r < n_batch; r++) {
            const size_t row = any(random);
            std::copy_n(&train.x[row * n_in], n_in, &x[r * n_in]);
            t[r] = train.labels[row];
        }
        size_t correct = 0;
        hidden(x.data());
        output(z.data());
        loss += softmax(y.data(), t.data(), n_batch, &correct);
        std::vector<float> &d = y; // dY = (Y - T) / N
        std::vector<float> &db2 = b2.gradient, &db1 = b1.gradient;
        std::fill(db2.begin(), db2.end(), 0.0F);
        std::fill(db1.begin(), db1.end(), 0.0F);
        for (size_t r = 0; r < n_batch; r++) {
            d[r * CLASSES + t[r]] -= 1.0F;
            for (size_t c = 0; c < CLASSES; c++) db2[c] += d[r * CLASSES + c] /= static_cast<float>(n_batch);
        }
        convert(dy.data(), d.data(), dy.size());
        gradient2(z.data());
        back(dy.data());
        for (size_t r = 0; r < n_batch; r++)
            for (size_t h = 0; h < n_hidden; h++) {
                float a;
                if constexpr (sizeof(T) == 2) {
                    const uint32_t bits = static_cast<uint32_t>(z[r * n_hidden + h]) << 16;
                    std::memcpy(&a, &bits, sizeof a);
                } else {
                    a = z[r * n_hidden + h];
                }
                db1[h] += dz[r * n_hidden + h] *= a * (1.0F - a);
            }
        convert(da.data(), dz.data(), da.size());
        gradient1(x.data());
        for (parameters *p : {&w1, &b1, &w2, &b2}) p->step(j, i);
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
    const bool best = argc == 6 && std::string(argv[5]) == "best";
    const std::string type = argc == 5 || best ? argv[1] : "";
    const int iterations = argc >= 5 ? std::atoi(argv[3]) : 0;
    const job &j = best ? BEST : MAIN;
    if ((type != "f32" && type != "bf16") || iterations < 1) {
        std::fprintf(stderr, "usage: onednn f32|bf16 DATA_DIR ITERATIONS SEED [best]\n");
        return 2;
    }
    const auto seed = static_cast<unsigned>(std::atoi(argv[4]));
    if (type == "f32")
        run<float>(j, dtype::f32, argv[2], iterations, seed);
    else
        run<uint16_t>(j, dtype::bf16, argv[2], iterations, seed);
    return 0;
}
