/* processors.h - how many processors this process may use. */
#ifndef MLP_PROCESSORS_H
#define MLP_PROCESSORS_H

/* At least 1: those of its affinity, or fewer where the CPU quota of a cgroup (a container) is worth fewer. */
int mlp_processors(void);

#endif
