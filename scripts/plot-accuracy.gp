#!/usr/bin/env -S gnuplot -c
# plot-accuracy.gp - the accuracy over the epochs, from the CSV of mlp-train: train solid, test dashed, validation
# dotted where it was measured.
#
#   gnuplot -c scripts/plot-accuracy.gp curve.csv accuracy.svg      or accuracy.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-accuracy.gp - accuracy.png
#   gnuplot -c scripts/plot-accuracy.gp curve.csv                   as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-accuracy.gp curve.csv        the same, during the run
script = "plot-accuracy.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 700; height = 450
rules = '$6 != "" { print }'
points = "evaluations"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Rows using "epoch" nooutput
last = STATS_max
# Not by stats: over a column without numbers, gnuplot 6 leaves its results undefined.
validated = 0
do for [i = 2:|$Rows|] { row = $Rows[i]; validated = validated || row[strlen(row):] ne "," }

# Text has no dashes: a line for train, letters at the evaluations for the others.
train = "with lines linewidth 2"
test = on_terminal ? "with points pointtype 'o'" : "with lines linewidth 2 dashtype (12,8)"
validation = on_terminal ? "with points pointtype 'v'" : "with lines linewidth 2 dashtype (3,5)"

set title heading
set xlabel "epoch"
set ylabel "accuracy"
set xrange [0:last]
set yrange [0:1]
set key bottom right
plot $Rows using "epoch":"train_acc" @train linecolor rgb "#0072b2" title "train", \
     "" using "epoch":"test_acc" @test linecolor rgb "#d55e00" title "test", \
     "" using "epoch":(validated ? column("val_acc") : NaN) @validation linecolor rgb "#009e73" \
     title validated ? "validation" : ""
load folder(ARG0)."plot-end.gp"
