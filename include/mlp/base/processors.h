/* processors.h - how many processors this process may use. */
#pragma once

/* At least 1: those of its affinity, or fewer where the CPU quota of a cgroup (a container) is worth fewer. */
int mlp_processors(void);
