#!/usr/bin/env -S gnuplot -c
# plot-loss.gp - the loss over the iterations, from the CSV of mlp-train: all of them, and the first 1,000.
#
#   gnuplot -c scripts/plot-loss.gp curve.csv loss.svg              or loss.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-loss.gp - loss.png
#   gnuplot -c scripts/plot-loss.gp curve.csv                       as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-loss.gp curve.csv            the same, while the run goes on
script = "plot-loss.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 1100
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Csv using (column("iter")):(measured(column("loss"))) nooutput
last = STATS_max_x
losses = int(STATS_sum_y)
if (losses < 2) {
    print script.": ".csv.": fewer than two iterations with a loss, nothing to draw"
    exit status 1
}

# The loss of a batch is noisy. Its exponential moving average s <- beta s + (1 - beta) loss starts at 0; dividing by
# 1 - beta^t, the sum of the weights after t losses, takes that bias away.
beta = 0.95
s = 0; t = 0
smoothed(loss) = !measured(loss) ? NaN : (t = t + 1, s = beta * s + (1 - beta) * loss, s / (1 - beta**t))
set table $Loss separator comma
plot $Csv using "iter":"loss":(smoothed(column("loss"))) with table if (measured(column("loss")))

# A panel has no room for 10,000 points, and as SVG they would weigh 200 kB. So the losses are put in at most 1,000 bins of
# equal size, each drawn from its smallest to its largest loss: no spike is lost. The average is that of every loss.
bin = ceil(losses / 1000.0)
n = 0; low = high = 0
widen(loss) = (low = n % bin ? min(low, loss) : loss, high = n % bin ? max(high, loss) : loss, n = n + 1)
set table $Bins separator comma
plot $Loss using (widen($2), $1):(low):(high):3 with table if (n % bin == 0 || n == losses)
unset table

# Text has one sign a cell: dots for the losses, a line for the average.
light = on_terminal ? "with points pointtype '.'" : "with lines linetype 1 linecolor rgb '#9ecae9'"
band = on_terminal ? light : "with filledcurves fillstyle solid 1 border linetype 1 linecolor rgb '#9ecae9'"
strong = "with lines linetype 1 linewidth 2 linecolor rgb '#b04a00' title 'average, beta = ".sprintf("%g", beta)."'"
each = "each iteration"

if (!on_terminal) { set output picture }
set multiplot layout 1,2 title heading
set xlabel "iteration"
set ylabel on_terminal ? "" : "loss of the batch"
set yrange [0:*]
set xrange [0:last]
set title sprintf("All %d iterations", last)
plot $Bins using 1:2:3 @band title bin > 1 ? sprintf("lowest to highest of each %d", bin) : each, "" using 1:4 @strong
set xrange [0:1000]
set title "The first 1,000"
plot $Loss using 1:2 @light title each, "" using 1:3 @strong
unset multiplot
