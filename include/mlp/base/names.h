/* names.h - lookup by name in a constant table. Each row is a struct with the member `const char *name`. Used by the
   tables of activations, losses, initial weights, optimizers and learning-rate schedules. */
#pragma once

#include <stddef.h>
#include <string.h>

/* Defines the two functions that other modules use to read a table [rows] of `type`: prefix_find(name): the row with
   this name, or NULL; prefix_name(i): the name of row i, or NULL after the last row, for lists in messages and help. */
#define MLP_NAMED_TABLE(prefix, type, table)                                                                           \
    const type *prefix##_find(const char *name) {                                                                      \
        for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                                                   \
            if (strcmp((table)[i].name, name) == 0) return &(table)[i];                                                \
        return NULL;                                                                                                   \
    }                                                                                                                  \
    const char *prefix##_name(size_t i) { return i < sizeof(table) / sizeof *(table) ? (table)[i].name : NULL; }
