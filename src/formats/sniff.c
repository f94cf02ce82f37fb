/* sniff.c - names a file by its first bytes. Reads no file itself. */
#include "mlp/formats/sniff.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TORCH_SAVE                                                                                                     \
    "convert it in Python: safetensors.torch.save_file(torch.load(FILE).state_dict(), NEW); if it holds a "            \
    "state_dict, leave out .state_dict()"
#define KERAS_SAVE                                                                                                     \
    "save the weights of both Dense layers with safetensors.numpy.save_file: kernels transposed, "                     \
    "as fc1.weight and fc2.weight, biases as fc1.bias and fc2.bias"
#define NUMPY_SAVE "convert it in Python: safetensors.numpy.save_file(dict(numpy.load(FILE)), NEW)"
#define PICKLE_SAVE                                                                                                    \
    "load it in Python with the library that wrote it, and save its arrays with "                                      \
    "safetensors.numpy.save_file"

typedef struct kind {
    const char *magic;
    size_t length, at; /* the magic bytes are at head[at .. at + length) */
    mlp_sniff_group group;
    const char *what, *unpack, *convert;
} kind;

static const kind kinds[] = {
    {"version https://git-lfs", 23, 0, MLP_SNIFF_PACKED, "a git-lfs pointer", "run `git lfs pull`", NULL},
    {"\x1f\x8b", 2, 0, MLP_SNIFF_PACKED, "another gzip file", "unpack it once (gunzip)", NULL},
    {"\xfd\x37zXZ\0", 6, 0, MLP_SNIFF_PACKED, "an xz file", "unpack it first (xz -d)", NULL},
    {"BZh", 3, 0, MLP_SNIFF_PACKED, "a bzip2 file", "unpack it first (bzip2 -d)", NULL},
    {"\x28\xb5\x2f\xfd", 4, 0, MLP_SNIFF_PACKED, "a zstd file", "unpack it first (zstd -d)", NULL},
    {"\x04\x22\x4d\x18", 4, 0, MLP_SNIFF_PACKED, "an lz4 file", "unpack it first (lz4 -d)", NULL},
    {"7z\xbc\xaf\x27\x1c", 6, 0, MLP_SNIFF_PACKED, "a 7z archive", "unpack it first (7z x)", NULL},
    {"ustar", 5, 257, MLP_SNIFF_PACKED, "a tar archive", "unpack it first (tar -xf)", NULL},
    {"{\"", 2, 8, MLP_SNIFF_MODEL, "a safetensors file", NULL, NULL},
    {"\x93NUMPY", 6, 0, MLP_SNIFF_ARRAYS, "a NumPy array (.npy)", NULL,
     "a network has four arrays: save them with safetensors.numpy.save_file"},
    {"PAR1", 4, 0, MLP_SNIFF_ARRAYS, "a parquet table", NULL, NULL},
    {"ARROW1", 6, 0, MLP_SNIFF_ARRAYS, "an Arrow table", NULL, NULL},
    {"MATLAB ", 7, 0, MLP_SNIFF_ARRAYS, "a MATLAB file (.mat)", NULL,
     "load it with scipy.io.loadmat and save its arrays with safetensors.numpy.save_file"},
    {"\x89HDF", 4, 0, MLP_SNIFF_MODEL, "an HDF5 file, such as Keras writes (.h5)", NULL, KERAS_SAVE},
    {"GGUF", 4, 0, MLP_SNIFF_MODEL, "a GGUF file", NULL, "GGUF is not read: use the file that it was converted from"},
    {"TFL3", 4, 4, MLP_SNIFF_MODEL, "a TensorFlow Lite model", NULL,
     "TensorFlow Lite is not read: use the Keras model that it was converted from"},
    {"\x89PNG", 4, 0, MLP_SNIFF_PICTURE, "a PNG picture", NULL, NULL},
    {"\xff\xd8\xff", 3, 0, MLP_SNIFF_PICTURE, "a JPEG picture", NULL, NULL},
    {"GIF8", 4, 0, MLP_SNIFF_PICTURE, "a GIF picture", NULL, NULL},
    {"BM", 2, 0, MLP_SNIFF_PICTURE, "a BMP picture", NULL, NULL},
    {"II*\0", 4, 0, MLP_SNIFF_PICTURE, "a TIFF picture", NULL, NULL},
    {"MM\0*", 4, 0, MLP_SNIFF_PICTURE, "a TIFF picture", NULL, NULL},
    {"WEBP", 4, 8, MLP_SNIFF_PICTURE, "a WebP picture", NULL, NULL},
    {"ftyp", 4, 4, MLP_SNIFF_PICTURE, "a HEIC or AVIF picture", NULL, NULL},
    {"%PDF", 4, 0, MLP_SNIFF_PICTURE, "a PDF document", NULL, NULL},
};

/* Zip archives, recognized by the name of the first file in them: `magic` is a part of it. */
static const kind archives[] = {
    {".npy", 0, 0, MLP_SNIFF_ARRAYS, "a NumPy archive (.npz)", NULL, NUMPY_SAVE},
    {"data.pkl", 0, 0, MLP_SNIFF_MODEL, "a PyTorch file of torch.save (.pt, .pth)", NULL, TORCH_SAVE},
    {".format_version", 0, 0, MLP_SNIFF_MODEL, "a PyTorch file of torch.save (.pt, .pth)", NULL, TORCH_SAVE},
    {"metadata.json", 0, 0, MLP_SNIFF_MODEL, "a Keras model (.keras)", NULL, KERAS_SAVE},
    {"config.json", 0, 0, MLP_SNIFF_MODEL, "a Keras model (.keras)", NULL, KERAS_SAVE},
    {"", 0, 0, MLP_SNIFF_PACKED, "a zip archive", "unpack it first (unzip)", NULL},
};

static mlp_sniffed sniffed(mlp_sniff_group group, const char *what, const char *unpack, const char *convert) {
    mlp_sniffed result = {.group = group, .unpack = unpack, .convert = convert};
    snprintf(result.what, sizeof result.what, "%s", what);
    return result;
}

static mlp_sniffed sniff_zip(const char *head, size_t n) {
    enum { NAME_AT = 30 };
    char name[64] = "";
    const size_t length = n < NAME_AT ? 0 : (size_t)(unsigned char)head[NAME_AT - 4];
    if (n > NAME_AT)
        snprintf(name, sizeof name, "%.*s", (int)(length < n - NAME_AT ? length : n - NAME_AT), head + NAME_AT);
    size_t i = 0;
    while (strstr(name, archives[i].magic) == NULL) i++;
    return sniffed(archives[i].group, archives[i].what, archives[i].unpack, archives[i].convert);
}

static bool is_web_page(const char *text) {
    static const char *const tags[] = {"<!doc", "<html", "<head", "<?xml"};
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* skip the byte order mark */
        text += 3;
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strncasecmp(text, tags[i], strlen(tags[i])) == 0) return true;
    return false;
}

static bool is_netpbm(const char *text) {
    return text[0] == 'P' && text[1] >= '1' && text[1] <= '7' && strchr(" \t\r\n#", text[2]) != NULL;
}

static bool is_text(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((text[i] < ' ' || text[i] > '~') && (text[i] == '\0' || !strchr("\t\r\n", text[i]))) return false;
    return true;
}

/* A symbolic link that was checked out or downloaded as a file: one word with a slash. */
static bool is_path(const char *text, size_t n) {
    const size_t word = strcspn(text, " \t\r\n");
    return n < MLP_SNIFF_BYTES && memchr(text, '/', word) != NULL && word + strspn(text + word, "\r\n") == n;
}

/* Protobuf of an ONNX model: ir_version (field 1, 3 and later), then the producer's name (2), its
   version (3), the graph (7) or the operator sets (8). */
static bool is_onnx(const unsigned char *head, size_t n) {
    return n >= 4 && head[0] == 0x08 && head[1] >= 3 && head[1] <= 64 && head[2] != 0 &&
           strchr("\x12\x1a\x3a\x42", head[2]) != NULL;
}

static mlp_sniffed sniff_text(const char *text, size_t n) {
    mlp_sniffed result = {.group = MLP_SNIFF_TEXT};
    if (strstr(text, "/annex/objects/") != NULL)
        return sniffed(MLP_SNIFF_PACKED, "a git-annex pointer", "run `git annex get`", NULL);
    if (is_path(text, n)) return sniffed(MLP_SNIFF_DOWNLOAD, "the text of a symbolic link", NULL, NULL);
    snprintf(result.what, sizeof result.what, "text (\"%.*s\")",
             (int)strcspn(text, "\r\n") < 24 ? (int)strcspn(text, "\r\n") : 24, text);
    return result;
}

mlp_sniffed mlp_sniff(const unsigned char *head, size_t n) {
    char text[MLP_SNIFF_BYTES + 1] = "";
    n = n < MLP_SNIFF_BYTES ? n : MLP_SNIFF_BYTES;
    memcpy(text, head, n);
    if (n == 0) return sniffed(MLP_SNIFF_DOWNLOAD, "an empty file", NULL, NULL);
    for (const kind *k = kinds; k < kinds + sizeof kinds / sizeof *kinds; k++)
        if (n >= k->at + k->length && memcmp(text + k->at, k->magic, k->length) == 0)
            return sniffed(k->group, k->what, k->unpack, k->convert);
    if (n >= 4 && memcmp(text, "PK\3\4", 4) == 0) return sniff_zip(text, n);
    if (n >= 2 && head[0] == 0x80 && head[1] <= 5)
        return sniffed(MLP_SNIFF_ARRAYS, "a Python pickle (pickle, joblib, old torch.save)", NULL, PICKLE_SAVE);
    if (n >= 2 && head[0] == 0x78 && (head[0] << 8 | head[1]) % 31 == 0)
        return sniffed(MLP_SNIFF_ARRAYS, "zlib data, such as joblib writes", NULL, PICKLE_SAVE);
    if (is_onnx(head, n))
        return sniffed(MLP_SNIFF_MODEL, "an ONNX model", NULL,
                       "ONNX is written, not read: use the model that it was exported from");
    if (n >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14 && head[3] <= 4)
        return sniffed(MLP_SNIFF_ARRAYS, "an IDX file", NULL, NULL);
    if (is_web_page(text)) return sniffed(MLP_SNIFF_DOWNLOAD, "a web page, perhaps a server's error", NULL, NULL);
    if (is_netpbm(text)) return sniffed(MLP_SNIFF_PICTURE, "a netpbm picture", NULL, NULL);
    if (is_text(text, n)) return sniff_text(text, n);
    mlp_sniffed unknown = {.group = MLP_SNIFF_UNKNOWN};
    char *to = unknown.what + sprintf(unknown.what, "unknown data (begins with");
    for (size_t i = 0; i < n && i < 4; i++) to += sprintf(to, " %02x", head[i]);
    sprintf(to, ")");
    return unknown;
}
