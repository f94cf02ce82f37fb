/* page.h - --report: one HTML file that shows what a network learned. Its design is src/cli/page/page.html with
   page.css, page.js and network.js; the program adds the data, as JSON. */
#pragma once

#include "mlp/cli/run.h"

/* The page without data, made by the Makefile; ends with a zero byte. The data replace "@DATA@". */
extern const unsigned char mlp_page_template[];

/* Writes the page about the run's network to the file of --report. `test` was measured on this network. */
mlp_status mlp_page_write(mlp_run *run, const mlp_metrics *test, mlp_error *err);
