/* options_suggest.c - finds what the user meant by an unknown word: a typing error, or the word of another program. */
#include "mlp/cli/options_table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- near words ---- */

enum { WORD = 32 };

/* Small letters and digits only, so that cross_entropy, CrossEntropy and cross-entropy are one. */
static void normalize(char plain[WORD], const char *text, size_t length) {
    size_t n = 0;
    for (size_t i = 0; i < length && text[i] != '\0' && n + 1 < WORD; i++)
        if (isalnum((unsigned char)text[i])) plain[n++] = (char)tolower((unsigned char)text[i]);
    plain[n] = '\0';
}

/* Letters to insert, delete or replace to turn a into b (Levenshtein). */
static size_t distance(const char *a, const char *b) {
    size_t row[WORD];
    const size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++) row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[length];
}

/* A word of this program, and the words of other programs for the same thing: normalized, separated by blanks. */
typedef struct synonyms {
    const char *ours, *theirs;
} synonyms;

/* Names of options in PyTorch, Keras, scikit-learn, darknet, LightGBM and llm.c. */
static const synonyms option_synonyms[] = {
    {"activation", " nonlinearity "},
    {"augment", " augmentation distort "},
    {"average", " ema emadecay "},
    {"batch-size", " batch batchsize bs "},
    {"check-gradient", " gradcheck gradientcheck checkgrad "},
    {"checkpoint", " ckpt "},
    {"checkpoint-every", " saveevery saveinterval checkpointinterval "},
    {"confusion", " confusionmatrix "},
    {"csv", " log logfile history curve plot "},
    {"data", " dataset datadir datapath dir root "},
    {"epochs", " epoch passes "},
    {"epsilon", " eps "},
    {"eval", " evaluate evaluation test evalonly "},
    {"eval-every", " loginterval evalinterval testinterval valevery "},
    {"export", " onnx npz "},
    {"help", " usage "},
    {"hidden", " hiddensize hiddenunits hiddendim hiddenlayersizes hiddenlayers layers units neurons "},
    {"init", " initializer "},
    {"init-std", " std sigma "},
    {"iters", " iterations iter iteration steps step updates maxbatches "},
    {"load", " model loadmodel modelpath pretrained "},
    {"label-smoothing", " smoothing "},
    {"lesson", " lessons chapter textbook book section listing figure overfitting trainingloop "},
    {"loss", " criterion lossfunction objective cost "},
    {"lr", " learningrate learnrate lrate eta eta0 stepsize learningrateinit "},
    {"lr-schedule", " scheduler lrscheduler schedule lrdecay gamma "},
    {"mistakes", " errors misclassified misread wrong "},
    {"optimizer", " solver optim algorithm "},
    {"preset", " keras "},
    {"predict", " infer inference classify prediction "},
    {"quiet", " silent q "},
    {"early-stop", " patience earlystopping "},
    {"resume", " continue restart "},
    {"rotate", " rotation "},
    {"sampling", " shuffle "},
    {"save", " output out savemodel savepath outputmodel modelout "},
    {"scale", " zoom "},
    {"seed", " randomstate randomseed manualseed "},
    {"shift", " translate "},
    {"threads", " jobs njobs workers cpus "},
    {"train-limit", " limit "},
    {"validation", " valsplit validationsplit validationfraction valfrac val "},
    {"verbose", " v debug "},
    {"warmup", " warmupsteps warmupiters "},
    {"weight-decay", " decay l2 alpha wd regularization "},
};

static const synonyms value_synonyms[] = {
    {"activation", " activationfunction activationfunctions step stepfunction sigmoid tanh relu "},
    {"affine", " rotate "},
    {"always", " on yes "},
    {"backprop", " analytic backpropagation "},
    {"chapter", " book "},
    {"constant", " none fixed "},
    {"cosine", " cosineannealing cos "},
    {"cross-entropy", " ce nll xent softmax categoricalcrossentropy logloss "},
    {"derivative", " numericaldifferentiation differentiation difference centraldifference forwarddifference "},
    {"descent", " gradientdescent gradientmethod "},
    {"glorot", " xavier xavieruniform glorotuniform "},
    {"gradient", " partialderivative partialderivatives "},
    {"he", " kaiming kaimingnormal henormal "},
    {"loss", " lossfunction lossfunctions crossentropy crossentropyerror squarederror meansquarederror mse "},
    {"momentum", " sgdmomentum heavyball "},
    {"never", " off no "},
    {"none", " off "},
    {"normal", " gaussian "},
    {"numerical", " numeric finitedifferences centraldifferences "},
    {"relu", " rectifier "},
    {"replacement", " withreplacement random "},
    {"sgd", " gradientdescent "},
    {"shift", " translate "},
    {"simple-net", " gradientofanetwork network neuralnetwork "},
    {"shuffle", " withoutreplacement epoch "},
    {"sigmoid", " logistic "},
    {"step-by-step", " steps trace training "},
    {"squared-error", " mse l2 meansquarederror squared "},
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Whether the normalized word is `ours` or a synonym of it. */
static bool means(const char *plain, const char *ours, const synonyms *list, size_t n) {
    char word[WORD + 2];
    normalize(word, ours, SIZE_MAX);
    if (strcmp(plain, word) == 0) return true;
    snprintf(word, sizeof word, " %s ", plain);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].ours, ours) == 0 && strstr(list[i].theirs, word) != NULL) return true;
    return false;
}

const mlp_option *mlp_option_nearest(const char *text) {
    static const char *const prefixes[] = {"", "num", "number", "numberof", "n", "max", "total", "train", "mini", "no"};
    char plain[WORD], other[WORD];
    normalize(plain, text, strcspn(text, "="));
    for (size_t i = 0; i < LENGTH(prefixes); i++) {
        const size_t skip = strlen(prefixes[i]);
        for (size_t k = 0; strncmp(plain, prefixes[i], skip) == 0 && k < MLP_N_OPTIONS; k++)
            if (means(plain + skip, mlp_option_table[k].name, option_synonyms, LENGTH(option_synonyms)))
                return &mlp_option_table[k];
    }
    const mlp_option *nearest = NULL;
    size_t least = strlen(plain) < 3 ? strlen(plain) : 3; /* a greater distance is no typing error */
    for (size_t i = 0; i < MLP_N_OPTIONS; i++) {
        normalize(other, mlp_option_table[i].name, SIZE_MAX);
        if (distance(plain, other) < least) {
            nearest = &mlp_option_table[i];
            least = distance(plain, other);
        }
    }
    return nearest;
}

/* The nearest of `names` to a value, NULL if none is near. */
static const char *nearest_value(const char *(*names)(size_t), const char *value) {
    char plain[WORD], other[WORD];
    const char *nearest = NULL;
    size_t least = 3;
    normalize(plain, value, SIZE_MAX);
    for (size_t i = 0; names(i) != NULL; i++) {
        if (means(plain, names(i), value_synonyms, LENGTH(value_synonyms))) return names(i);
        normalize(other, names(i), SIZE_MAX);
        if (plain[0] == other[0] && distance(plain, other) < least) {
            nearest = names(i);
            least = distance(plain, other);
        }
    }
    return nearest;
}

/* ---- unknown options ---- */

/* The options whose names start with `text`, as "--a, --b", into list[size]; returns how many. */
static int begun_by(char *list, size_t size, const char *text) {
    int n = 0;
    size_t used = 0;
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (strncmp(mlp_option_table[i].name, text, strlen(text)) == 0 && used < size)
            used += (size_t)snprintf(list + used, size - used, "%s--%s", n++ > 0 ? ", " : "", mlp_option_table[i].name);
    return n;
}

mlp_status mlp_options_unknown(const char *word, mlp_error *err) {
    static const char *const devices[] = {"gpu", "cuda", "device", "nocuda", "mps", "nogpu"};
    const char *name = word + strspn(word, "-");
    char text[32], plain[WORD], list[512];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(name, "="), name);
    normalize(plain, text, SIZE_MAX);
    if (strncmp(word, "--", 2) == 0 && *text != '\0' && begun_by(list, sizeof list, text) > 1)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: is the beginning of %s; write it out", word, list);
    for (size_t i = 0; i < LENGTH(devices); i++)
        if (strcmp(plain, devices[i]) == 0)
            return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option: the program runs on the CPU; leave it out", word);
    const mlp_option *nearest = *plain == '\0' ? NULL : mlp_option_nearest(text);
    if (nearest != NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; did you mean --%s? (see --help)", word, nearest->name);
    return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; see --help all", word);
}

/* ---- stray words ---- */

/* The option that takes a file or directory of this name; NULL if it looks like neither. */
static const char *option_of_file(const char *word) {
    static const char *const suffixes[][2] = {
        {".safetensors", "load"}, {".ckpt", "resume"}, {".csv", "csv"}, {".onnx", "export"}, {".npz", "export"}};
    struct stat info;
    for (size_t i = 0; i < LENGTH(suffixes); i++)
        if (mlp_ends_with(word, suffixes[i][0])) return suffixes[i][1];
    if (stat(word, &info) != 0) return strcmp(word, "-") == 0 ? "predict" : NULL;
    return S_ISDIR(info.st_mode) ? "data" : "predict";
}

mlp_status mlp_options_stray(const char *word, mlp_error *err) {
    const char *file = option_of_file(word);
    char plain[WORD];
    if (strncmp(word, "\xe2\x80\x93", 3) == 0 || strncmp(word, "\xe2\x80\x94", 3) == 0)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: begins with a long dash; type two hyphens: --%s", word, word + 3);
    if (file != NULL) return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; did you mean --%s %s?", word, file, word);
    if (*word != '\0' && strspn(word, "0123456789.eE+,") == strlen(word))
        return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; write the option before its value, as in --iters %s",
                        word, word);
    normalize(plain, word, SIZE_MAX);
    if (strcmp(plain, "train") == 0 || strcmp(plain, "fit") == 0)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; to train is what the program does, so leave it out",
                        word);
    const mlp_option *nearest = *plain == '\0' ? NULL : mlp_option_nearest(word);
    if (nearest != NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; did you mean --%s?", word, nearest->name);
    return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; see --help", word);
}

/* ---- values ---- */

/* The number that a person may mean by 10k, 1e4, 10,000 or 50%; false if there is none. */
static bool guess_number(double *number, const mlp_option *s, const char *value) {
    char text[WORD], *end;
    size_t n = 0;
    for (; *value != '\0' && n + 1 < sizeof text; value++)
        if (s->kind == REAL && *value == ',')
            text[n++] = '.';
        else if (strchr(", _'", *value) == NULL)
            text[n++] = *value;
    text[n] = '\0';
    if (*value != '\0' || n == 0 || strspn(text, "0123456789.eE+-kKmM%") != n) return false;
    *number = strtod(text, &end);
    const double factor = *end == 'k' || *end == 'K' ? 1e3 : *end == 'm' || *end == 'M' ? 1e6 : *end == '%' ? 0.01 : 1;
    if (end == text || end[factor == 1 ? 0 : 1] != '\0') return false;
    *number *= factor;
    return *number >= s->min && *number <= s->max && *number < 1e15 &&
           (s->kind == REAL || *number == (double)(long long)*number);
}

mlp_status mlp_option_bad_value(const mlp_option *s, const char *value, mlp_error *err) {
    char guess[64] = "";
    double number;
    if (s->kind == NAME) {
        char names[256];
        const char *nearest = nearest_value(s->names, value);
        mlp_option_names(names, sizeof names, s->names);
        if (nearest != NULL)
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: '%s' is none of %s; did you mean %s?", s->name, value, names,
                            nearest);
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: '%s' is none of %s%s", s->name, value, names,
                        MLP_IS(s, lesson) ? "; --lesson alone explains them" : "");
    }
    const size_t first = strcspn(value, "0123456789");
    const size_t digits = strspn(value + first, "0123456789");
    const char *rest = value + first + digits;
    if (MLP_IS(s, hidden) && digits > 0 && *rest != '\0' && strchr(",-:; ", *rest) != NULL &&
        rest[strcspn(rest, "0123456789")] != '\0')
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--hidden: '%s': there is one hidden layer; give its units, such as --hidden %.*s", value,
                        (int)digits, value + first);
    if (guess_number(&number, s, value)) snprintf(guess, sizeof guess, "; did you mean %.15g?", number);
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: '%s' is not a %s; give one in %.16g..%.16g%s", s->name, value,
                    s->kind == COUNT ? "whole number" : "number", s->min, s->max, guess);
}
