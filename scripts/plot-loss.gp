#!/usr/bin/env -S gnuplot -c
# plot-loss.gp - the loss over the iterations, from the CSV of mlp-train: all of them, and the first 1,000.
#
#   gnuplot -c scripts/plot-loss.gp curve.csv loss.svg              or loss.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-loss.gp - loss.png
#   gnuplot -c scripts/plot-loss.gp curve.csv                       as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-loss.gp curve.csv            the same, during the run
script = "plot-loss.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 1100; height = 450

# The loss of a batch is noisy. Its exponential moving average s <- beta s + (1 - beta) loss starts at 0; dividing by
# 1 - beta^n, the sum of the weights after n losses, takes that bias away.
#
# A panel cannot show 10,000 points, and as SVG they would weigh 200 kB. So the losses are put in at most 1,000 bins
# of equal size, each drawn from its lowest to its highest loss: no spike is lost. The average is that of every loss.
#
# Columns: 1 iteration, 2 loss, 3 average, 4 an extreme of a bin, at the bin's last iteration.
# Rows: the first 1,000 iterations, and two for a bin. A loss that is nan or inf is not drawn.
beta = 0.95
bins = 1000
rules = sprintf('BEGIN { OFS = ","; beta = %g; bins = %d }', beta, bins).' \
    $3 ~ /^[-+.0-9e]+$/ { \
        iter[++n] = $1; loss[n] = $3 + 0; \
        s = beta * s + (1 - beta) * $3; average[n] = s / (1 - beta ^ n) \
    } \
    END { \
        size = int((n + bins - 1) / bins); \
        for (i = 1; i <= n; i++) { \
            if (i % size == 1 || size == 1) low = high = loss[i]; \
            if (loss[i] < low) low = loss[i]; \
            if (loss[i] > high) high = loss[i]; \
            if (i % size == 0 || i == n) { \
                print iter[i], loss[i], average[i], low; \
                if (high > low) print iter[i], "", "", high \
            } else if (iter[i] <= 1000) print iter[i], loss[i], average[i], "" \
        } \
    }'
points = "iterations with a loss"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Rows skip 1 using 1 nooutput
last = STATS_max

# Text has one sign a cell and no space for a legend in the panels: dots for the losses, a line for the average.
light = on_terminal ? "with points pointtype '.'" : "with lines linetype 1"
legend = sprintf("average, beta = %g", beta)

if (on_terminal) {
    unset key
    set xtics max(1, floor(last / 2))
    heading = heading."  (dots: each iteration, line: ".legend.")"
} else {
    set key top right
    set offsets 0, 0, graph 0.15, 0      # space above the curves for the legend: a short run's loss is still high
    set ylabel "loss of the batch"
}
set multiplot layout 1,2 title heading
set xlabel "iteration"
set yrange [0:*]
set xrange [0:last]
set title sprintf("All %d iterations", last)
plot $Rows skip 1 using 1:4 @light linecolor rgb "#9ecae9" title "each iteration", \
     "" skip 1 using 1:3 with lines linewidth 2 linecolor rgb "#b04a00" title legend
set xrange [0:1000]
set xtics autofreq
set title "The first 1,000 iterations"
plot $Rows skip 1 using 1:2 @light linecolor rgb "#9ecae9" title "each iteration", \
     "" skip 1 using 1:3 with lines linewidth 2 linecolor rgb "#b04a00" title legend
unset multiplot
load folder(ARG0)."plot-end.gp"
