#!/usr/bin/env -S gnuplot -c
# plot-loss.gp - the loss over the iterations, from the CSV of mlp-train: all of them, and the first 1,000.
#
#   gnuplot -c scripts/plot-loss.gp curve.csv loss.svg              or loss.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-loss.gp - loss.png
#   gnuplot -c scripts/plot-loss.gp curve.csv                       as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-loss.gp curve.csv            the same, during the run
script = "plot-loss.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 800; height = 420

# The loss of a batch is noisy. The mean of as many losses before an iteration as after it does not lag behind them. At the
# start, where the loss falls fast, it takes as many as there are before; at the end, all that there are after.
#
# A panel cannot show 10,000 points, and as SVG they would weigh 200 kB. So the losses are put in at most 1,000 bins
# of equal size, each drawn from its lowest to its highest loss: no spike is lost. The mean is that of every loss.
#
# Columns: 1 iteration, 2 loss, 3 mean, 4 an extreme of a bin, at the bin's last iteration.
# Rows: the first 1,000 iterations, and two for a bin. A loss that is nan or inf is not drawn.
reach = 25
bins = 1000
rules = sprintf('function min(a, b) { return a < b ? a : b } BEGIN { OFS = ","; reach = %d; bins = %d }', reach, bins).' \
    $3 ~ /^[-+.0-9e]+$/ { iter[++n] = $1; loss[n] = $3 + 0; sum[n] = sum[n - 1] + $3 } \
    END { \
        size = int((n + bins - 1) / bins); \
        for (i = 1; i <= n; i++) { \
            k = min(reach, i - 1); end = min(i + k, n); \
            mean = (sum[end] - sum[i - k - 1]) / (end - i + k + 1); \
            if (i % size == 1 || size == 1) low = high = loss[i]; \
            if (loss[i] < low) low = loss[i]; \
            if (loss[i] > high) high = loss[i]; \
            if (i % size == 0 || i == n) { \
                print iter[i], loss[i], mean, low; \
                if (high > low) print iter[i], "", "", high \
            } else if (iter[i] <= 1000) print iter[i], loss[i], mean, "" \
        } \
    }'
points = "iterations with a loss"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Rows skip 1 using 1 nooutput
last = STATS_max
stats $Rows skip 1 using 4 nooutput
low = STATS_min; high = STATS_max
stats $Rows skip 1 using ($1 > last - 50 ? $2 : NaN) nooutput
end_mean = STATS_mean; end_count = min(50, last)
if (heading eq "") { heading = sprintf("%d iterations", last) }

# Text has one sign a cell and no space for a legend in the panels: dots for the losses, a line for the mean.
light = on_terminal ? "with points pointtype '.'" : "with lines linetype 1"
legend = sprintf("mean of %d", 2 * reach + 1)

if (on_terminal) {
    unset key
    set xtics max(1, floor(last / 2))
    heading = heading."  (dots: each iteration, line: ".legend.")"
} else {
    set key top right samplen 2
    set ylabel "loss of the batch"
    set xtics last / 2
}
set multiplot layout 1,2 title heading
set xlabel "iteration"
if (high > low) { set yrange [low:high] } else { set yrange [low-0.1:low+0.1] }
set xrange [0:last]
set title sprintf("All %d iterations", last)
if (!on_terminal) { set label 1 sprintf("last %d: %.4f", end_count, end_mean) at last,end_mean right offset 0,3 front; \
    set label 2 "" at last,end_mean point pointtype 7 linecolor rgb "#000000" front }
plot $Rows skip 1 using 1:4 @light linecolor rgb "#9ecae9" title "each iteration", \
     "" skip 1 using 1:3 with lines linewidth 2.5 linecolor rgb "#b04a00" title legend
unset label
set xrange [0:1000]
set xtics autofreq
set ylabel ""
set title "The first 1,000 iterations"
plot $Rows skip 1 using 1:2 @light linecolor rgb "#9ecae9" title "each iteration", \
     "" skip 1 using 1:3 with lines linewidth 2.5 linecolor rgb "#b04a00" title legend
unset multiplot
load folder(ARG0)."plot-end.gp"
