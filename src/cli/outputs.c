/* outputs.c - checks the files that a run will write, before the training, and writes them after it. */
#include "mlp/cli/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mlp/base/memory.h"
#include "mlp/base/text.h"
#include "mlp/formats/file.h"
#include "mlp/state/export.h"

/* ---- before the training ---- */

/* An option that names an output file. */
typedef struct named_file {
    const char *option, *path; /* path NULL: option not set */
    bool replaced;             /* written as a whole at the end, not row by row */
} named_file;

/* Refuses an output that is also an input or another output. Two exceptions: --save may replace the model of --load,
   and --checkpoint the checkpoint of --resume. */
static mlp_status check_distinct(const mlp_run *run, const named_file *output, const named_file *others, size_t n,
                                 mlp_error *err) {
    const mlp_options *o = &run->options;
    const char *path = output->path;
    const char *const data[] = {run->paths.train_images, run->paths.train_labels, run->paths.test_images,
                                run->paths.test_labels};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        if (data[i] != NULL && mlp_file_same(path, data[i]))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is a data file; name another", output->option, path);
    if (o->resume != NULL && path != o->checkpoint && mlp_file_same(path, o->resume))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is the checkpoint to resume; name another", output->option, path);
    if (mlp_run_loads(run) && path != o->save && mlp_file_same(path, o->load))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is the model to load; name another", output->option, path);
    if (o->class_names != NULL && mlp_file_same(path, o->class_names))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is the file of --class-names; name another", output->option,
                        path);
    for (size_t i = 0; i < n; i++)
        if (others[i].path != NULL && mlp_file_same(path, others[i].path))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is the file of --%s; name another", output->option, path,
                            others[i].option);
    return MLP_OK;
}

/* Refuses an output that is the same file as standard output. */
static mlp_status check_not_stdout(const named_file *output, mlp_error *err) {
    struct stat standard, there;
    if (fstat(STDOUT_FILENO, &standard) != 0 || stat(output->path, &there) != 0 || there.st_dev != standard.st_dev ||
        there.st_ino != standard.st_ino)
        return MLP_OK;
    if (output->replaced ? !S_ISREG(standard.st_mode) : S_ISCHR(standard.st_mode))
        return MLP_OK; /* a terminal or /dev/null: two outputs may go there */
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is where standard output goes; %s", output->option, output->path,
                    output->replaced ? "name another file" : "use --csv -");
}

mlp_status mlp_outputs_check(const mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const bool csv_is_file = o->csv != NULL && strcmp(o->csv, "-") != 0;
    const named_file outputs[] = {{"csv", csv_is_file ? o->csv : NULL, false},
                                  {"checkpoint", o->checkpoint, true},
                                  {"save", o->save, true},
                                  {"export", o->export, true},
                                  {"samples", o->samples, true},
                                  {"confusion", o->confusion, true},
                                  {"report", o->report, true},
                                  {"weights", o->weights, true},
                                  {"mistakes", o->mistakes, true},
                                  {"fitted", o->fitted, true}};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        if (outputs[i].path == NULL) continue;
        MLP_TRY(check_distinct(run, &outputs[i], outputs, i, err));
        MLP_TRY(check_not_stdout(&outputs[i], err));
        if (outputs[i].replaced) MLP_TRY(mlp_file_try(outputs[i].path, err));
    }
    return MLP_OK;
}

/* ---- after the training ---- */

/* Writes the network to DIRECTORY/rescued-NAME, or rescued-2-NAME … : the first name that does not exist. `written` is
   set to it. */
static mlp_status rescue_to(mlp_strbuf *written, void *context, const char *directory, int length, const char *name,
                            mlp_output_writer write) {
    enum { MOST = 100 };
    for (int i = 1; i < MOST; i++) {
        char number[16] = "";
        struct stat there;
        if (i > 1) snprintf(number, sizeof number, "%d-", i);
        mlp_strbuf_free(written);
        mlp_strbuf_print(written, "%.*s/rescued-%s%s", length, directory, number, name);
        if (written->failed) return MLP_ERR_MEMORY;
        if (lstat(written->at, &there) != 0) return write(context, written->at, NULL);
    }
    return MLP_ERR_IO;
}

/* Writes next to `path`, or, if that fails or `path` is a device or a pipe, in the directory for temporary files. */
static mlp_status rescue(mlp_strbuf *written, void *context, const char *path, mlp_output_writer write) {
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *temporary = getenv("TMPDIR");
    struct stat there;
    mlp_status status = MLP_ERR_IO;
    if (stat(path, &there) != 0 || S_ISREG(there.st_mode))
        status = rescue_to(written, context, slash == NULL ? "." : path, slash == NULL ? 1 : (int)(slash - path), name,
                           write);
    if (status == MLP_OK) return MLP_OK;
    if (temporary == NULL || *temporary == '\0') temporary = "/tmp";
    return rescue_to(written, context, temporary, (int)strlen(temporary), name, write);
}

static bool may_be_file(const char *path) {
    struct stat there;
    return stat(path, &there) == 0 ? S_ISREG(there.st_mode) : errno != ENOENT;
}

mlp_status mlp_outputs_write(void *context, mlp_output_writer write, const char *what, const char *path,
                             mlp_error *err) {
    mlp_error cause = {0};
    mlp_strbuf written = {0};
    const bool keep_older = err->status != MLP_OK && may_be_file(path);
    if (!keep_older && write(context, path, &cause) == MLP_OK) return MLP_OK;
    if (err->status != MLP_OK) cause = *err;
    *err = cause;
    if (cause.status == MLP_ERR_IO && rescue(&written, context, path, write) == MLP_OK) {
        *err = (mlp_error){0};
        mlp_fail(err, cause.status, "%s; the %s is saved as %s instead", cause.message, what, written.at);
    }
    mlp_strbuf_free(&written);
    return cause.status;
}

/* ---- the network ---- */

static mlp_status describe(mlp_metadata *metadata, const mlp_run *run, mlp_error *err) {
    const mlp_event *result = &run->result;
    const bool trained = run->train.n > 0; /* otherwise only the shape of the images is known */
    mlp_strbuf recipe = {0};
    mlp_about about = {.rows = trained ? run->train.rows : run->model.rows,
                       .cols = trained ? run->train.cols : run->model.cols,
                       .bytes = trained ? run->train.bytes != NULL : run->model.bytes,
                       .pixels = trained                 ? &run->train.pixels
                                 : run->model.has_pixels ? &run->model.pixels
                                                         : NULL,
                       .transposed = trained
                                         ? run->options.transpose != NULL && strcmp(run->options.transpose, "yes") == 0
                                         : run->model.transposed,
                       .names = &run->names,
                       .seed = run->options.seed,
                       .iterations = result->iteration,
                       .train = result->train,
                       .test = result->test};
    if (trained) {
        mlp_options_recipe(&recipe, &run->options);
        about.options = recipe.at;
    }
    const mlp_status status = recipe.failed ? mlp_fail_memory(err, "the metadata", recipe.n)
                                            : mlp_metadata_create(metadata, &run->net, &about, err);
    mlp_strbuf_free(&recipe);
    return status;
}

typedef mlp_status (*network_writer)(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                                     mlp_error *err);

/* Writes the loaded model with its own metadata, but with the names of --class-names. */
static mlp_status write_renamed(const mlp_run *run, network_writer write, const char *path, mlp_error *err) {
    const mlp_safetensors *loaded = &run->model.file;
    mlp_strbuf lines = {0};
    size_t n = 0;
    mlp_pair *pairs = mlp_alloc(loaded->n_pairs + 1, sizeof *pairs, "the metadata", err);
    mlp_class_names_put_lines(&lines, &run->names);
    for (size_t i = 0; pairs != NULL && i < loaded->n_pairs; i++)
        if (strcmp(loaded->pairs[i].key, MLP_CLASS_NAMES_KEY) != 0) pairs[n++] = loaded->pairs[i];
    mlp_status status = lines.failed ? mlp_fail_memory(err, "the metadata", lines.n) : MLP_ERR_MEMORY;
    if (pairs != NULL && !lines.failed) {
        pairs[n++] = (mlp_pair){MLP_CLASS_NAMES_KEY, lines.at};
        status = write(path, &run->net, pairs, n, err);
    }
    mlp_strbuf_free(&lines);
    free(pairs);
    return status;
}

/* Writes the network with its metadata. A model of this program that was not trained further keeps its own metadata. */
static mlp_status write_network(const mlp_run *run, network_writer write, const char *path, mlp_error *err) {
    const mlp_safetensors *loaded = &run->model.file;
    if (run->result.iteration == 0 && mlp_model_is_ours(loaded) && !mlp_model_is_scaled(&run->model))
        return run->options.class_names != NULL ? write_renamed(run, write, path, err)
                                                : write(path, &run->net, loaded->pairs, loaded->n_pairs, err);
    mlp_metadata metadata = {0};
    mlp_status status = describe(&metadata, run, err);
    if (status == MLP_OK) status = write(path, &run->net, metadata.pairs, metadata.n, err);
    mlp_metadata_free(&metadata);
    return status;
}

mlp_status mlp_outputs_save(void *run, const char *path, mlp_error *err) {
    return write_network(run, mlp_model_write, path, err);
}

mlp_status mlp_outputs_export(void *run, const char *path, mlp_error *err) {
    return write_network(run, mlp_export_write, path, err);
}

/* ---- the confusion matrix ---- */

mlp_status mlp_outputs_confusion(const char *path, const mlp_confusion *confusion, const mlp_class_names *names,
                                 mlp_error *err) {
    const size_t n = confusion->n_classes;
    char number[MLP_CLASS_NUMBER_SIZE];
    mlp_strbuf text = {0};
    mlp_strbuf_print(&text, "label");
    for (size_t k = 0; k < n; k++) {
        mlp_strbuf_add(&text, ",", 1);
        mlp_strbuf_cell(&text, mlp_class_name(number, names, k));
    }
    for (size_t i = 0; i < n * n; i++) {
        if (i % n == 0) {
            mlp_strbuf_add(&text, "\n", 1);
            mlp_strbuf_cell(&text, mlp_class_name(number, names, i / n));
        }
        mlp_strbuf_print(&text, ",%zu", confusion->counts[i]);
    }
    mlp_strbuf_add(&text, "\n", 1);
    const mlp_status status = mlp_file_put(path, &text, err);
    mlp_strbuf_free(&text);
    return status;
}
