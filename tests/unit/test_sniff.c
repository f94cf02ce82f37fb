/* test_sniff.c - files of every kind are named by their first bytes, and nothing else is. */
#include "mlp/formats/sniff.h"

#include <string.h>

#include "unit.h"

#define BYTES(text) (text), sizeof(text) - 1

/* The local header of a zip archive whose first file is `name`; static memory. */
static const char *zip_of(const char *name) {
    static char head[MLP_SNIFF_BYTES];
    memset(head, 0, sizeof head);
    memcpy(head, "PK\3\4", 4);
    head[26] = (char)strlen(name);
    memcpy(head + 30, name, strlen(name));
    memcpy(head + 30 + strlen(name), ".npy/data.pkl", 13); /* the data: no part of the name */
    return head;
}

static void names_archives_by_their_first_file(void **state) {
    (void)state;
    static const struct {
        const char *name, *what;
        mlp_sniff_group group;
    } cases[] = {
        {"arr_0.npy", "a NumPy archive (.npz)", MLP_SNIFF_ARRAYS},
        {"fc1.weight.npy", "a NumPy archive (.npz)", MLP_SNIFF_ARRAYS},
        {"archive/data.pkl", "a PyTorch file of torch.save (.pt, .pth)", MLP_SNIFF_MODEL},
        {"mnist/data.pkl", "a PyTorch file of torch.save (.pt, .pth)", MLP_SNIFF_MODEL},
        {"m/.format_version", "a PyTorch file of torch.save (.pt, .pth)", MLP_SNIFF_MODEL},
        {"metadata.json", "a Keras model (.keras)", MLP_SNIFF_MODEL},
        {"config.json", "a Keras model (.keras)", MLP_SNIFF_MODEL},
        {"train-images-idx3-ubyte", "a zip archive", MLP_SNIFF_PACKED},
        {"", "a zip archive", MLP_SNIFF_PACKED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mlp_sniffed found = mlp_sniff((const unsigned char *)zip_of(cases[i].name), MLP_SNIFF_BYTES);
        assert_string_equal(found.what, cases[i].what);
        assert_int_equal(found.group, cases[i].group);
    }
    /* cut inside the name, and before it */
    assert_string_equal(mlp_sniff((const unsigned char *)zip_of("arr_0.npy"), 33).what, "a zip archive");
    assert_string_equal(mlp_sniff((const unsigned char *)zip_of("arr_0.npy"), 8).what, "a zip archive");
}

static void names_models_and_arrays(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *what;
        mlp_sniff_group group;
    } cases[] = {
        {BYTES("\x08\x07\x12\x09mlp-train"), "an ONNX model", MLP_SNIFF_MODEL},
        {BYTES("\x08\x08\x12\x07pytorch"), "an ONNX model", MLP_SNIFF_MODEL},
        {BYTES("\x08\x0a\x3a\x80\x01"), "an ONNX model", MLP_SNIFF_MODEL},
        {BYTES("\x89HDF\r\n\x1a\n"), "an HDF5 file, such as Keras writes (.h5)", MLP_SNIFF_MODEL},
        {BYTES("GGUF\x03\0\0\0"), "a GGUF file", MLP_SNIFF_MODEL},
        {BYTES("\x1c\0\0\0TFL3"), "a TensorFlow Lite model", MLP_SNIFF_MODEL},
        {BYTES("\x58\1\0\0\0\0\0\0{\"fc1"), "a safetensors file", MLP_SNIFF_MODEL},
        {BYTES("\x80\4\x95\1\0"), "a Python pickle (pickle, joblib, old torch.save)", MLP_SNIFF_ARRAYS},
        {BYTES("\x78\x9c\xec\xbd"), "zlib data, such as joblib writes", MLP_SNIFF_ARRAYS},
        {BYTES("MATLAB 5.0 MAT-file"), "a MATLAB file (.mat)", MLP_SNIFF_ARRAYS},
        {BYTES("\0\0\x08\3\0\0\0\x0a"), "an IDX file", MLP_SNIFF_ARRAYS},
        {BYTES("{\"a\": 1}"), "text (\"{\"a\": 1}\")", MLP_SNIFF_TEXT},
        {BYTES("a,b\n1,2\n"), "text (\"a,b\")", MLP_SNIFF_TEXT},
        {BYTES(""), "an empty file", MLP_SNIFF_DOWNLOAD},
        {BYTES("\x80\x06"), "unknown data (begins with 80 06)", MLP_SNIFF_UNKNOWN},
        {BYTES("\x08\x01\x12\x03"), "unknown data (begins with 08 01 12 03)", MLP_SNIFF_UNKNOWN},
        {BYTES("\x78\0\0\0\0"), "unknown data (begins with 78 00 00 00)", MLP_SNIFF_UNKNOWN},
        {BYTES("\0\0\x07\1"), "unknown data (begins with 00 00 07 01)", MLP_SNIFF_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mlp_sniffed found = mlp_sniff((const unsigned char *)cases[i].bytes, cases[i].n);
        assert_string_equal(found.what, cases[i].what);
        assert_int_equal(found.group, cases[i].group);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_archives_by_their_first_file),
        cmocka_unit_test(names_models_and_arrays),
    };
    return cmocka_run_group_tests_name("sniff", tests, NULL, NULL);
}
