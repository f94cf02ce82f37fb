/* checks.c - finds odd data and odd results. Each check costs at most a pass over the labels. */
#include "mlp/data/checks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mlp/data/check_texts.h"

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

/* ---- pixels of one file ---- */

/* Whether numbers that count as 0 are subnormal: only numbers whose bytes are in the wrong order are so small. Compares
   the bits, without the sign. */
static bool has_hidden_bits(const mlp_dataset *set) {
    const size_t n = set->floats == NULL ? 0 : set->n_images * set->n_pixels;
    uint32_t bits = 0;
    for (size_t i = 0; i < n && bits << 1 == 0; i++) memcpy(&bits, &set->floats[i], sizeof bits);
    return bits << 1 != 0;
}

static mlp_status refuse_pixels(const mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_pixels *p = &set->pixels;
    const double largest = fmax(fabs(p->min), fabs(p->max));
    if (p->min == p->max && p->min == 0 && has_hidden_bits(set))
        return mlp_fail(err, MLP_ERR_FORMAT, MLP_PIXELS_SWAPPED, path, p->min, 1e-37);
    if (p->min == p->max)
        return mlp_fail(err, MLP_ERR_FORMAT, MLP_PIXELS_EQUAL, path, set->n_images == 1 ? "its" : "all", set->n_images,
                        plural(set->n_images), p->min);
    if (set->floats != NULL && (largest < 1e-20 || largest > 1e20))
        return mlp_fail(err, MLP_ERR_FORMAT, MLP_PIXELS_SWAPPED, path, p->min, p->max);
    return MLP_OK;
}

/* Warns if in the other byte order no number is negative, or all are far smaller. */
static bool warn_of_order(const mlp_dataset *set, const char *path, mlp_warnings *warnings) {
    const mlp_pixels *p = &set->pixels;
    if (p->type != MLP_IDX_I16 && p->type != MLP_IDX_I32) return false;
    const mlp_pixels other = mlp_pixels_swap(p->type, set->floats, set->n_images * set->n_pixels);
    const bool smaller = fmax(-p->min, p->max) >= 64 * fmax(-other.min, other.max);
    if (!smaller && !(p->min < 0 && other.min >= 0)) return false;
    mlp_warn(warnings, MLP_INTEGERS_SWAPPED, path, p->type == MLP_IDX_I16 ? 16 : 32, p->min, p->max, other.min,
             other.max);
    return true;
}

/* Whether all numbers could be divided by 255: either none is negative and the largest is too large for scaled pixels,
   or their mean absolute value is too large. The mean absolute value of standardized pixels is below 1, but single
   pixels may be large. */
static bool is_unscaled(const mlp_pixels *p) { return (p->min >= 0 && p->max > 4) || p->size > 4; }

/* Whether a few pixels are far larger than the others. In pictures with pixels from 0 to 255 even thin strokes give a
   mean above 0.5. */
static bool has_outlier(const mlp_pixels *p) { return p->min >= 0 && p->max > 20 && p->size < 0.5; }

/* "subtract 300, then divide by 2" without the steps that change nothing; the smallest pixel of a narrow range is not
   0. */
static void warn_of_narrow(const mlp_pixels *p, const char *path, mlp_warnings *warnings) {
    const double width = p->max - p->min;
    char division[40] = "";
    if (fabs(width - 1) > 1e-5) snprintf(division, sizeof division, ", then divide by %.6g", width);
    mlp_warn(warnings, MLP_PIXELS_NARROW, path, p->min, p->max, p->min < 0 ? "add" : "subtract", fabs(p->min),
             division);
}

void mlp_check_scale(const mlp_dataset *set, const char *path, mlp_warnings *warnings) {
    const mlp_pixels *p = &set->pixels;
    const double largest = fmax(fabs(p->min), fabs(p->max));
    const double enough_bytes = 0.5, enough = 0.05; /* as a fraction of the full scale, 1 */
    const double width = p->max - p->min;
    if (set->bytes != NULL) {
        if (largest < enough_bytes)
            mlp_warn(warnings, MLP_PIXELS_DARK, path, largest * 255, 1 / largest);
        else if (width < 0.25 && set->n_images >= 20) /* a few images need not have all values */
            mlp_warn(warnings, MLP_PIXELS_PALE, path, p->min * 255, p->max * 255, p->min * 255, 1 / width);
        return;
    }
    if (p->type == MLP_IDX_I8 && p->min < 0)
        mlp_warn(warnings, MLP_PIXELS_SIGNED, path, p->min, p->max);
    else if (warn_of_order(set, path, warnings))
        return;
    else if (width < largest / 4)
        warn_of_narrow(p, path, warnings);
    else if (has_outlier(p))
        mlp_warn(warnings, MLP_PIXELS_FAR, path, p->max, p->mean);
    else if (is_unscaled(p))
        mlp_warn(warnings, MLP_PIXELS_UNSCALED, path, p->min, p->max, largest);
    else if (largest < enough)
        mlp_warn(warnings, MLP_PIXELS_SMALL, path, p->min, p->max, 1 / largest);
}

static size_t image_bytes(const mlp_dataset *set) {
    return set->n_pixels * (set->bytes != NULL ? sizeof *set->bytes : sizeof *set->floats);
}

static const unsigned char *image_at(const mlp_dataset *set, size_t i) {
    const void *values = set->bytes != NULL ? (const void *)set->bytes : (const void *)set->floats;
    return (const unsigned char *)values + i * image_bytes(set);
}

static bool has_equal_images(const mlp_dataset *set) {
    size_t i = 1;
    while (i < set->n_images && memcmp(image_at(set, 0), image_at(set, i), image_bytes(set)) == 0) i++;
    return i == set->n_images && i > 1;
}

static bool is_blank(const mlp_dataset *set, const unsigned char *image) {
    const size_t size = image_bytes(set), pixel = size / set->n_pixels;
    return memcmp(image, image + pixel, size - pixel) == 0;
}

/* Warns of images in which all pixels are equal. There is no warning about a few of them, or about vectors. */
static bool warn_of_blank(const mlp_dataset *set, const char *path, mlp_warnings *warnings) {
    size_t n = 0, first = 0;
    for (size_t i = 0; set->rows >= 8 && set->cols >= 8 && i < set->n_images; i++)
        if (is_blank(set, image_at(set, i)) && n++ == 0) first = i;
    if (n <= 1 || 50 * n < set->n_images) return false;
    mlp_warn(warnings, MLP_IMAGES_BLANK, path, n, set->n_images, first);
    return true;
}

/* Warns if some images are light on dark, and others dark on light. Photographs have other borders as well. */
static void warn_of_mixed(const mlp_dataset *set, const char *path, mlp_warnings *warnings) {
    const size_t step = set->n_images / 1000 | 1;
    size_t sampled = 0, bright = 0, dark = 0;
    if (set->rows < 8 || set->cols < 8) return;
    for (; sampled < 1000 && sampled < set->n_images; sampled++) {
        const size_t at = sampled * step % set->n_images * set->n_pixels;
        const mlp_border border =
            mlp_pixels_border(&set->pixels, 0.25, set->bytes == NULL ? NULL : set->bytes + at,
                              set->floats == NULL ? NULL : set->floats + at, set->rows, set->cols);
        bright += border.bright >= 0.9;
        dark += border.dark >= 0.9;
    }
    if (bright > 0 && 20 * bright >= sampled && 20 * dark >= sampled && 10 * (bright + dark) >= 8 * sampled)
        mlp_warn(warnings, MLP_IMAGES_MIXED, path, 100 * bright / sampled, 100 * dark / sampled);
}

static void warn_of_images(const mlp_dataset *set, const char *path, mlp_warnings *warnings) {
    if (has_equal_images(set))
        mlp_warn(warnings, MLP_IMAGES_EQUAL, path, set->n_images);
    else if (!warn_of_blank(set, path, warnings))
        warn_of_mixed(set, path, warnings);
}

/* ---- pixels of two files ---- */

bool mlp_check_differs(const mlp_pixels *now, const mlp_pixels *then) {
    const double width = then->max - then->min;
    const bool beyond = now->max > then->max + width || now->min < then->min - width;
    const bool narrow = now->max - now->min < width / 8;
    const bool lost_negative = then->min < -0.01 * width && now->min > then->min + 0.1 * width;
    const bool new_negative = then->min >= 0 && now->min < -0.1 * width;
    return beyond || narrow || lost_negative || new_negative;
}

bool mlp_check_inverted(const mlp_pixels *now, const mlp_pixels *then) {
    return fabs(now->mean - then->mean) > 0.5 * (then->max - then->min);
}

/* Whether sampled images of `a` are all in `b`. The middle of two images differs early. Blank ones prove nothing. */
static bool is_part_of(const mlp_dataset *a, const mlp_dataset *b) {
    enum { SAMPLED = 8, FEW = 20 };
    const size_t size = image_bytes(a), half = size / 2;
    size_t n_found = 0;
    if ((a->bytes == NULL) != (b->bytes == NULL)) return false;
    if (a->n_images < FEW || a->n_pixels < 64) /* some may be equal by chance */
        return a->n_images == b->n_images && memcmp(image_at(a, 0), image_at(b, 0), a->n_images * size) == 0;
    for (size_t s = 0; s < SAMPLED; s++) {
        const unsigned char *image = image_at(a, s * a->n_images / SAMPLED), *at = image_at(b, 0);
        size_t i = 0;
        if (is_blank(a, image)) continue;
        for (; i < b->n_images; i++, at += size)
            if (memcmp(at + half, image + half, size - half) == 0 && memcmp(at, image, half) == 0) break;
        if (i == b->n_images) return false;
        n_found++;
    }
    return n_found >= SAMPLED / 2;
}

static void compare_images(const mlp_dataset *train, const mlp_dataset *test, const char *path,
                           mlp_warnings *warnings) {
    const mlp_pixels *now = &test->pixels, *then = &train->pixels;
    if (mlp_check_differs(now, then))
        mlp_warn(warnings, MLP_PIXELS_DIFFER, path, now->min, now->max, then->min, then->max);
    else if (mlp_check_inverted(now, then))
        mlp_warn(warnings, MLP_PIXELS_INVERTED, path, now->mean, then->mean);
    else if (is_part_of(test, train))
        mlp_warn(warnings, MLP_SETS_EQUAL, path);
    else
        warn_of_images(test, path, warnings);
}

/* The message suggests a mean and a std that map the ends of one range to those of the other; for bytes the range is 0
   to 255. */
void mlp_check_model(const mlp_pixels *now, const char *path, const mlp_pixels *then, const char *model,
                     mlp_warnings *warnings) {
    const bool whole = now->type == MLP_IDX_U8 && now->max >= 0.5 && now->max - now->min >= 0.25;
    const double min = whole ? 0 : now->min, max = whole ? 1 : now->max;
    const double std = (max - min) / (then->max - then->min);
    if (now->min == now->max)
        mlp_warn(warnings, MLP_PIXELS_ALIKE, path, now->min);
    else if (mlp_check_differs(now, then))
        mlp_warn(warnings, MLP_PIXELS_OF_MODEL, path, now->min, now->max, model, then->min, then->max,
                 min - then->min * std, std);
    else if (mlp_check_inverted(now, then))
        mlp_warn(warnings, MLP_MEAN_OF_MODEL, path, now->mean, model, then->mean);
}

void mlp_check_transposed(const char *path, const char *model, mlp_warnings *warnings) {
    mlp_warn(warnings, MLP_TRANSPOSED_AS_MODEL, path, model);
}

/* ---- labels ---- */

typedef struct label_counts {
    size_t n, classes; /* number of labels; number of classes that occur */
    size_t of[MLP_MAX_CLASSES];
} label_counts;

static void count_labels(label_counts *counts, const mlp_dataset *set, size_t n) {
    *counts = (label_counts){.n = n};
    for (size_t i = 0; i < n; i++) counts->of[set->labels[mlp_dataset_image(set, i)]]++;
    for (size_t k = 0; k < MLP_MAX_CLASSES; k++) counts->classes += counts->of[k] > 0;
}

/* Whether there are enough labels for every class to occur, if all classes are equally frequent: the probability that
   one of k classes is missing is below k / 20,000. */
static bool shows_all(const label_counts *counts, size_t classes) { return counts->n >= 10 * classes; }

/* Whether fewer classes occur than half of the expected number: n random labels of k classes have k (1 - exp(-n / k))
   classes on average. */
static bool shows_few(const label_counts *counts, size_t classes) {
    const double n = (double)counts->n, k = (double)classes;
    return (double)counts->classes < 0.5 * k * (1 - exp(-n / k));
}

static size_t index_of(const mlp_dataset *set, size_t label) {
    size_t i = 0;
    while (set->labels[i] != label) i++;
    return i;
}

/* Class 0 may be without examples: the labels of EMNIST letters are 1 to 26. Classes of which `test` has examples are
   no gap either. Returns whether there is a gap. */
static bool warn_of_gaps(const mlp_dataset *set, const label_counts *counts, const label_counts *test, const char *path,
                         mlp_warnings *warnings) {
    const size_t classes = set->n_classes;
    size_t first = 0, above = 0; /* the widest gap: first .. above - 1 */
    for (size_t k = 1, from = 1; k < classes; k++) {
        if (counts->of[k] == 0) continue;
        if (k - from > above - first) first = from, above = k;
        from = k + 1;
    }
    if (above == first || !(shows_all(counts, classes) || shows_few(counts, classes))) return false;
    for (size_t k = first; k < above; k++)
        if (test->of[k] > 0) return false;
    size_t smallest = 0;
    while (counts->of[smallest] == 0) smallest++;
    char gap[64];
    if (first + 1 == above)
        snprintf(gap, sizeof gap, "%zu", first);
    else
        snprintf(gap, sizeof gap, "from %zu to %zu", first, above - 1);
    if (smallest == '0' && classes <= '9' + 1)
        mlp_warn(warnings, MLP_LABELS_ASCII, path, smallest, classes - 1);
    else
        mlp_warn(warnings, MLP_LABELS_GAP, path, index_of(set, above), above, gap, classes);
    return true;
}

/* Checks the examples in use, after --train-limit and --test-limit. */
static void warn_of_few(const mlp_dataset *set, const label_counts *file, const char *path, const char *option,
                        mlp_warnings *warnings) {
    label_counts used;
    if (set->n == set->n_images) return;
    count_labels(&used, set, set->n);
    const bool few = used.classes < file->classes && (shows_all(&used, file->classes) || used.classes == 1);
    if (few && used.n > 1) mlp_warn(warnings, MLP_LABELS_FEW, path, used.n, used.classes, file->classes, option);
}

/* Warns of the first class that is only in one of the sets. */
static void compare_labels(const label_counts *train, const label_counts *test, const mlp_dataset_paths *paths,
                           mlp_warnings *warnings) {
    for (unsigned k = 0; k < MLP_MAX_CLASSES && shows_all(train, train->classes); k++)
        if (train->of[k] == 0 && test->of[k] > 0) {
            mlp_warn(warnings, MLP_LABELS_ONLY_TEST, paths->test_labels, k, test->of[k], plural(test->of[k]),
                     paths->train_labels);
            return;
        }
    for (unsigned k = 0; k < MLP_MAX_CLASSES && shows_all(test, train->classes); k++)
        if (train->of[k] > train->n / train->classes / 10 && test->of[k] == 0) {
            mlp_warn(warnings, MLP_LABELS_ONLY_TRAIN, paths->test_labels, k, paths->train_labels, train->of[k],
                     plural(train->of[k]));
            return;
        }
}

/* ---- all checks ---- */

/* If a warning about the train set explains a difference between the sets, there is no second warning. */

mlp_status mlp_check_pixels(const mlp_dataset *train, const mlp_dataset *test, const mlp_dataset_paths *paths,
                            const mlp_pixels *then, const char *model, mlp_warnings *warnings, mlp_error *err) {
    const mlp_dataset *set = train != NULL ? train : test;
    const char *path = train != NULL ? paths->train_images : paths->test_images;
    const size_t before = warnings->n;
    if (train != NULL) MLP_TRY(refuse_pixels(train, paths->train_images, err));
    MLP_TRY(refuse_pixels(test, paths->test_images, err));
    if (then != NULL)
        mlp_check_model(&set->pixels, path, then, model, warnings);
    else if (model == NULL)
        mlp_check_scale(set, path, warnings);
    if (warnings->n == before) warn_of_images(set, path, warnings);
    if (train != NULL && warnings->n == before) compare_images(train, test, paths->test_images, warnings);
    return MLP_OK;
}

mlp_status mlp_check_labels(const mlp_dataset *train, const mlp_dataset *test, const mlp_dataset_paths *paths,
                            mlp_warnings *warnings, mlp_error *err) {
    label_counts in_train, in_test;
    count_labels(&in_test, test, test->n_images);
    const bool equal = in_test.classes == 1 && in_test.n > 1;
    if (equal) mlp_warn(warnings, MLP_LABELS_EQUAL_TEST, paths->test_labels, in_test.n, (unsigned)test->labels[0]);
    warn_of_few(test, &in_test, paths->test_labels, "test-limit", warnings);
    if (train == NULL) return MLP_OK;
    count_labels(&in_train, train, train->n_images);
    if (in_train.classes == 1 && in_train.n > 1)
        return mlp_fail(err, MLP_ERR_FORMAT, MLP_LABELS_EQUAL, paths->train_labels, in_train.n,
                        (unsigned)train->labels[0]);
    if (!warn_of_gaps(train, &in_train, &in_test, paths->train_labels, warnings) && !equal)
        compare_labels(&in_train, &in_test, paths, warnings);
    warn_of_few(train, &in_train, paths->train_labels, "train-limit", warnings);
    return MLP_OK;
}

/* ---- results ---- */

/* Loss if the probabilities are the frequencies f of the classes: the entropy -sum f log f, or (1 - sum f^2) / 2. */
static double guessing_loss(const label_counts *counts, bool squared) {
    double loss = squared ? 0.5 : 0;
    for (size_t k = 0; k < MLP_MAX_CLASSES; k++) {
        const double f = (double)counts->of[k] / (double)counts->n;
        if (f > 0) loss -= squared ? 0.5 * f * f : f * log(f);
    }
    return loss;
}

/* Standard deviation of an accuracy measured on n examples, if p is its true value. */
static double deviation(double p, size_t n) { return sqrt(p * (1 - p) / (double)n); }

static bool lacks_classes_of(const label_counts *train, const label_counts *test) {
    size_t k = 0;
    while (k < MLP_MAX_CLASSES && (train->of[k] > 0 || test->of[k] == 0)) k++;
    return k < MLP_MAX_CLASSES;
}

void mlp_check_outcome(const mlp_outcome *o, mlp_warnings *warnings) {
    enum { MANY_TEST = 100 };
    label_counts counts, in_test;
    count_labels(&counts, o->train, o->train->n);
    count_labels(&in_test, o->test, o->test->n);
    if (counts.classes == 1) return;
    const double guess = guessing_loss(&counts, o->squared);
    const double chance = 1 / (double)counts.classes, apart = o->train_accuracy - o->test_accuracy;
    const bool guesses = o->test_accuracy < chance + 0.05;
    const size_t many_train = guesses ? 10 * counts.classes : 1000;
    const double fall = o->first_loss - o->loss; /* NaN if the first is not known */
    if (fall < -0.5 * o->first_loss && fall < -0.1 * guess)
        mlp_warn(warnings, MLP_RESULT_ROSE, o->first_loss, o->loss, o->advice);
    else if (o->loss > guess && fall > 0.01 * guess)
        mlp_warn(warnings, MLP_RESULT_FELL, o->first_loss, o->loss, guess, o->advice);
    else if (o->loss > guess && !(fall > -0.001 * guess))
        mlp_warn(warnings, MLP_RESULT_WORSE, o->loss, guess, o->advice);
    else if (o->loss > 0.98 * guess)
        mlp_warn(warnings, MLP_RESULT_STUCK, o->loss, guess, o->squared ? ", or --loss cross-entropy" : "", o->advice);
    else if (o->only != SIZE_MAX)
        mlp_warn(warnings, MLP_RESULT_ONE_CLASS, o->only, o->test->n, o->advice);
    else if (o->train->n >= many_train && o->test->n >= MANY_TEST && !lacks_classes_of(&counts, &in_test) &&
             apart > (guesses ? 4 * deviation(o->train_accuracy, o->test->n) : 0.5))
        mlp_warn(warnings, MLP_RESULT_APART, o->train_accuracy, o->test_accuracy);
}

void mlp_check_evaluation(const char *name, const mlp_dataset *test, double loss, size_t only, size_t classes,
                          bool squared, mlp_warnings *warnings) {
    enum { MANY = 20 }; /* with fewer test images the result proves nothing */
    const double k = (double)classes, guess = squared ? 0.5 * (1 - 1 / k) : log(k);
    label_counts counts;
    count_labels(&counts, test, test->n);
    if (test->n < MANY) return;
    if (only != SIZE_MAX && counts.classes > 1)
        mlp_warn(warnings, MLP_MODEL_ONE_CLASS, name, only, test->n);
    else if (loss > 0.98 * guess)
        mlp_warn(warnings, MLP_MODEL_GUESSES, name, loss, guess);
}

/* The mean of n probabilities, each with a standard deviation of at most 0.2, is rarely 0.5 / sqrt(n) below the
   expected one. */
void mlp_check_predictions(const char *name, size_t n, double mean, double expected, mlp_warnings *warnings) {
    enum { MANY = 20 };
    if (n >= MANY && mean < expected - 0.03 - 0.5 / sqrt((double)n))
        mlp_warn(warnings, MLP_MODEL_UNSURE, name, n, mean, expected);
}
