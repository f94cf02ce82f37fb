/* options_help.c - prints options: --help, and those of a run. */
#include "mlp/cli/options_help.h"

#include <stdio.h>
#include <string.h>

#include "mlp/cli/options_table.h"

/* As a shell takes it for one word. */
static void print_word(FILE *out, const char *word) {
    const bool plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "%+,-./:=@_") == strlen(word);
    if (plain) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

size_t mlp_options_print(FILE *out, const mlp_options *options) {
    const mlp_options usual = mlp_options_defaults();
    size_t n = 0;
    for (size_t i = 0; i < MLP_N_ROWS; i++) {
        char text[32], usual_text[32];
        const char *value = mlp_option_text(text, sizeof text, options, &mlp_option_table[i]);
        const char *other =
            mlp_option_text(usual_text, sizeof usual_text, &usual, &mlp_option_table[i]);
        if (mlp_option_is_group(&mlp_option_table[i]) ||
            mlp_option_table[i].offset == MLP_AT(preset) || value == NULL ||
            (other != NULL && strcmp(value, other) == 0))
            continue;
        fprintf(out, " --%s", mlp_option_table[i].name);
        if (mlp_option_table[i].kind != FLAG) {
            fputc(' ', out);
            print_word(out, value);
        }
        n++;
    }
    return n;
}

void mlp_options_help(FILE *out) {
    const mlp_options o = mlp_options_defaults();
    fputs("mlp-train - trains a two-layer neural network on MNIST and tells how it went\n\n"
          "  mlp-train --hidden 50 --lr 0.1 --iters 10000          the chapter's experiment\n"
          "  mlp-train --data data/digits --iters 2000 --lr 0.5    without a download\n"
          "  mlp-train --csv curve.csv                             the curves, for any plotter\n"
          "  mlp-train --checkpoint run.ckpt                       goes on after a kill -9 with\n"
          "  mlp-train --resume run.ckpt\n",
          out);
    for (size_t i = 0; i < MLP_N_ROWS; i++) {
        const mlp_option *s = &mlp_option_table[i];
        if (mlp_option_is_group(s)) {
            fprintf(out, "\n%s\n", s->name);
            continue;
        }
        char left[320], names[256];
        if (s->names != NULL)
            mlp_option_names(names, sizeof names, s->names);
        snprintf(left, sizeof left, "--%s %s", s->name,
                 s->names != NULL ? names
                 : s->arg != NULL ? s->arg
                                  : "");
        if (strlen(left) <= 26)
            fprintf(out, "  %-26s %s", left, s->help);
        else
            fprintf(out, "  %s\n  %-26s %s", left, "", s->help);
        char text[32];
        const char *value = mlp_option_text(text, sizeof text, &o, s);
        if (value != NULL)
            fprintf(out, " [%s]", value);
        fputc('\n', out);
    }
    const mlp_preset *preset;
    for (size_t i = 0; (preset = mlp_preset_at(i)) != NULL; i++)
        fprintf(out, "%s  %-14s%s\n", i == 0 ? "\nPresets\n" : "", preset->name, preset->options);
    fputs("\nThe table goes to standard output, all talk to standard error; with --csv - standard\n"
          "output carries the CSV alone. Exit: 0 done, 1 failed, 2 wrong usage, 130 or 143 "
          "stopped.\n",
          out);
}
