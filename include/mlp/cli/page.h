/* page.h - --report: one HTML file that shows what a network learned. Its design is src/cli/page/page.html with
   page.css and page.js; the program adds the data, as JSON. */
#pragma once

#include "mlp/cli/run.h"

/* The page without data, made by the Makefile; ends with a zero byte. "@DATA@" stands where they belong. */
extern const unsigned char mlp_page_template[];

/* Writes the page of the run's network, which `test` was measured on, to the file of --report. */
mlp_status mlp_page_write(mlp_run *run, const mlp_metrics *test, mlp_error *err);
