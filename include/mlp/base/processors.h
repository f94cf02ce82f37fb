/* processors.h - how many processors this process may use. */
#pragma once

/* The number of processors in the affinity mask of this process, or fewer if the CPU quota of its cgroup (a container)
   allows fewer; at least 1. */
int mlp_processors(void);
