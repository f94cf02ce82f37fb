/* signals.h - how signals end a run. */
#pragma once

/* From this call on the first SIGINT, SIGTERM or SIGHUP only sets what mlp_signals_stopped_by returns; the second one
   ends the program. A signal that was ignored at the start stays ignored. */
void mlp_signals_catch(void);

int mlp_signals_stopped_by(void); /* number of the signal; 0: none */

/* A write to a closed pipe, or beyond the limit of a file's size, fails instead of ending the program. */
void mlp_signals_ignore(void);
