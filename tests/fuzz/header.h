/* header.h - helps libFuzzer with safetensors files: most of what it changes makes the length in
   the first eight bytes wrong, and nothing behind them is looked at. */
#pragma once

#ifdef MLP_LIBFUZZER
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t space);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t space, unsigned int seed);

/* Bytes of the JSON that begins at text: up to the brace that closes the first one. */
static size_t json_length(const uint8_t *text, size_t size) {
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] == '{')
            depth++;
        else if (!quoted && text[i] == '}' && depth > 0 && --depth == 0)
            return i + 1;
    }
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t space, unsigned int seed) {
    size = LLVMFuzzerMutate(data, size, space);
    if (size <= 8 || seed % 8 == 0) return size;
    uint64_t length = json_length(data + 8, size - 8);
    while (8 + length < size && data[8 + length] == ' ') length++;
    for (int i = 0; i < 8; i++) data[i] = (uint8_t)(length >> 8 * i);
    return size;
}
#endif
