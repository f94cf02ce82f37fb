/* signals.c - how signals end a run. */
#include "mlp/cli/signals.h"

#include <signal.h>
#include <stddef.h>

/* The signals after which a run ends properly: it writes its files first. */
static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t stopped_by; /* a handler can write only to a variable at file scope */

enum { N_STOPS = sizeof stops / sizeof *stops };

/* The first signal asks the run to stop; the next one ends the program at once. */
static void on_stop(int number) {
    struct sigaction now;
    stopped_by = number;
    for (int i = 0; i < N_STOPS; i++)
        if (sigaction(stops[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) signal(stops[i], SIG_DFL);
}

/* For SIGINT, if it was ignored at the start: a shell starts the background jobs of a script so, to
   protect them from Ctrl-C. A SIGINT that another process sends, by kill, still stops the run. */
static void on_stop_sent(int number, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code == SI_USER || info->si_code == SI_QUEUE) on_stop(number);
}

void mlp_signals_catch(void) {
    for (int i = 0; i < N_STOPS; i++) {
        struct sigaction now, stop = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
        for (int k = 0; k < N_STOPS; k++) sigaddset(&stop.sa_mask, stops[k]);
        sigaction(stops[i], NULL, &now);
        if (now.sa_handler == SIG_IGN && stops[i] != SIGINT) continue; /* ignored by nohup */
        if (now.sa_handler == SIG_IGN) {
            stop.sa_sigaction = on_stop_sent;
            stop.sa_flags = (int)SA_SIGINFO | SA_RESTART;
        }
        sigaction(stops[i], &stop, NULL);
    }
}

int mlp_signals_stopped_by(void) { return stopped_by; }

void mlp_signals_ignore(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}
