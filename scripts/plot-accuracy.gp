#!/usr/bin/env -S gnuplot -c
# plot-accuracy.gp - the accuracy over the epochs, from the CSV of mlp-train: train solid, test dashed, validation
# dotted where it was measured.
#
#   gnuplot -c scripts/plot-accuracy.gp curve.csv accuracy.svg      or accuracy.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-accuracy.gp - accuracy.png
#   gnuplot -c scripts/plot-accuracy.gp curve.csv                   as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-accuracy.gp curve.csv        the same, while the run goes on
script = "plot-accuracy.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 700
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Csv using (measured(column("train_acc")) ? column("epoch") : 0):(measured(column("train_acc"))) nooutput
last = STATS_max_x
if (STATS_sum_y < 2) {
    print script.": ".csv.": fewer than two evaluations, nothing to draw"
    exit status 1
}
stats $Csv using (measured(column("val_acc"))) nooutput
validated = STATS_sum > 0

if (!on_terminal) { set output picture }
set title heading
set xlabel "epoch"
set ylabel "accuracy"
set xrange [0:last]
set yrange [0:1]
set key bottom right
plot $Csv using "epoch":"train_acc" with lines linewidth 2 dashtype solid linecolor rgb "#0072b2" title "train", \
     $Csv using "epoch":"test_acc"  with lines linewidth 2 dashtype (12,8) linecolor rgb "#d55e00" title "test", \
     $Csv using "epoch":(validated ? column("val_acc") : NaN) with lines linewidth 2 dashtype (3,5) linecolor rgb "#009e73" title validated ? "validation" : ""
