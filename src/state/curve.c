/* curve.c - writes the CSV of a run. Also after a failed write the file ends with a complete row. */
#include "mlp/state/curve.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "mlp/base/clock.h"
#include "mlp/formats/file.h"

enum { BUFFER = 65536, ROW = 512 };

static const char header[] = "iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc\n";

/* Writes the buffered rows. If the disk takes only a part of them, the file is truncated to complete rows. */
static mlp_status flush(mlp_curve *csv, mlp_error *err) {
    size_t done = 0;
    csv->flushed = mlp_clock();
    while (done < csv->used) {
        const ssize_t n = write(csv->fd, csv->rows + done, csv->used - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int cause = errno;
            size_t whole = done;
            while (whole > 0 && csv->rows[whole - 1] != '\n') whole--;
            const off_t end = lseek(csv->fd, 0, SEEK_CUR);
            if (end >= 0 && ftruncate(csv->fd, end - (off_t)(done - whole)) != 0) {
                /* a pipe cannot be truncated: the partial row stays */
            }
            csv->used = 0;
            if (cause == EPIPE && csv->fd == STDOUT_FILENO) return MLP_STOPPED;
            return mlp_file_fail(csv->path, "write the CSV", cause, err);
        }
        done += (size_t)n;
    }
    csv->mark.bytes += csv->used;
    csv->mark.crc = (uint32_t)crc32(csv->mark.crc, (const Bytef *)csv->rows, (uInt)csv->used);
    csv->used = 0;
    return MLP_OK;
}

/* Opens `path` with these flags and locks it: rows of two runs would mix. */
static mlp_status open_file(mlp_curve *csv, const char *path, int flags, mlp_error *err) {
    const bool standard = strcmp(path, "-") == 0;
    struct stat info;
    csv->path = standard ? "standard output" : path;
    csv->rows = malloc(BUFFER);
    if (csv->rows == NULL) return mlp_fail_memory(err, csv->path, BUFFER);
    csv->fd = standard ? STDOUT_FILENO : open(path, flags | O_CREAT | O_CLOEXEC, 0666);
    if (csv->fd < 0) return mlp_file_fail(path, "open it for the CSV", errno, err);
    csv->open = true;
    csv->regular = !standard && fstat(csv->fd, &info) == 0 && S_ISREG(info.st_mode);
    if (csv->regular && !mlp_file_lock(csv->fd))
        return mlp_fail(err, MLP_ERR_IO, "%s: another program is writing it; wait, or name another file with --csv",
                        path);
    return MLP_OK;
}

static mlp_status write_header(mlp_curve *csv, mlp_error *err) {
    csv->used = sizeof header - 1;
    memcpy(csv->rows, header, csv->used);
    const mlp_status status = flush(csv, err);
    return status == MLP_STOPPED ? MLP_OK : status; /* the first row reports it: the run may write other files */
}

mlp_status mlp_curve_create(mlp_curve *csv, const char *path, mlp_error *err) {
    const mlp_status status = open_file(csv, path, O_WRONLY, err);
    if (status == MLP_OK && csv->regular && ftruncate(csv->fd, 0) != 0)
        return mlp_file_fail(csv->path, "empty the CSV", errno, err);
    return status != MLP_OK ? status : write_header(csv, err);
}

/* Checks that the file begins with the bytes of `mark`, truncates it there, and moves to its end. */
static mlp_status go_on(mlp_curve *csv, const mlp_curve_mark *mark, mlp_error *err) {
    uint64_t left = mark->bytes;
    uLong crc = 0;
    if (mark->bytes == 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is there, but the run to resume wrote no CSV; name a new one with --csv", csv->path);
    while (left > 0) {
        const ssize_t n = read(csv->fd, csv->rows, left < BUFFER ? (size_t)left : BUFFER);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return mlp_file_fail(csv->path, "read the CSV", errno, err);
        if (n == 0) break;
        crc = crc32(crc, (const Bytef *)csv->rows, (uInt)n);
        left -= (uint64_t)n;
    }
    if (left > 0 || crc != mark->crc)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is not the CSV of this run: it does not begin with the %llu bytes that the run had "
                        "written; name another with --csv",
                        csv->path, (unsigned long long)mark->bytes);
    const off_t end = (off_t)mark->bytes;
    if (ftruncate(csv->fd, end) != 0 || lseek(csv->fd, end, SEEK_SET) != end)
        return mlp_file_fail(csv->path, "cut the CSV", errno, err);
    return MLP_OK;
}

mlp_status mlp_curve_resume(mlp_curve *csv, const char *path, const mlp_curve_mark *mark, bool named, mlp_error *err) {
    struct stat info;
    const bool standard = strcmp(path, "-") == 0;
    const bool there = !standard && stat(path, &info) == 0;
    const bool pipe = standard || (there && !S_ISREG(info.st_mode));
    const bool missing = !pipe && (!there || info.st_size == 0);
    if (missing && !named)
        return mlp_fail(err, MLP_ERR_IO,
                        "%s: the CSV of this run is missing or empty; put it back, or name a new one with --csv", path);
    MLP_TRY(open_file(csv, path, pipe ? O_WRONLY : O_RDWR, err));
    if (missing || (pipe && mark->bytes == 0)) return write_header(csv, err);
    csv->mark = *mark;
    return pipe ? MLP_OK : go_on(csv, mark, err);
}

/* ",value", or only "," if the value was not measured */
static size_t cell(char *row, double value) {
    return (size_t)(isnan(value) ? sprintf(row, ",") : sprintf(row, ",%.9g", value)); /* at most 17 characters */
}

mlp_status mlp_curve_row(mlp_curve *csv, const mlp_event *event, mlp_error *err) {
    const double flush_after = 0.2; /* seconds */
    if (!csv->open) return MLP_OK;
    char *row = csv->rows + csv->used;
    size_t n = (size_t)sprintf(row, "%zu", event->iteration);
    n += cell(row + n, event->epoch);
    n += cell(row + n, event->loss);
    n += cell(row + n, event->lr);
    const mlp_metrics *metrics[] = {&event->train, &event->test, &event->validation};
    for (size_t i = 0; i < 3; i++) {
        n += cell(row + n, metrics[i]->n > 0 ? metrics[i]->loss : NAN);
        n += cell(row + n, metrics[i]->n > 0 ? metrics[i]->accuracy : NAN);
    }
    row[n++] = '\n';
    csv->used += n;
    const bool full = csv->used + ROW > BUFFER;
    const bool live = event->train.n > 0 || mlp_clock() - csv->flushed > flush_after;
    return full || live ? flush(csv, err) : MLP_OK;
}

mlp_status mlp_curve_sync(mlp_curve *csv, mlp_error *err) {
    if (!csv->open) return MLP_OK;
    const mlp_status status = flush(csv, err);
    if (status == MLP_OK && csv->regular && fsync(csv->fd) != 0)
        return mlp_file_fail(csv->path, "write the CSV", errno, err);
    return status;
}

mlp_status mlp_curve_close(mlp_curve *csv, mlp_error *err) {
    mlp_status status = MLP_OK;
    if (csv->open) {
        status = flush(csv, err);
        if (csv->fd != STDOUT_FILENO && close(csv->fd) != 0 && status == MLP_OK)
            status = mlp_file_fail(csv->path, "close the CSV", errno, err);
    }
    free(csv->rows);
    *csv = (mlp_curve){0};
    return status;
}
