#!/usr/bin/env -S gnuplot -c
# plot-overfitting.gp - how far the loss on the test set leaves that on the train set, from CSVs of mlp-train. Left: both
# losses of the first run, and the validation loss where it was measured. Right: the test losses of all runs, each under
# the name of its file.
#
#   gnuplot -c scripts/plot-overfitting.gp plain.csv overfitting.svg 'Title' dropout.csv weight-decay.csv
script = "plot-overfitting.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 800; height = 420
rules = '$6 != "" { print }'
points = "evaluations"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Rows using "iter" nooutput
last = STATS_max
# Not by stats: over a column without numbers, gnuplot 6 leaves its results undefined.
validated = 0
do for [i = 2:|$Rows|] { row = $Rows[i]; validated = validated || row[strlen(row):] ne "," }

other(i) = i > ARGC ? "" : ARGV[i]      # gnuplot looks at the first, even where there is none
do for [i = 4:ARGC] {
    system "test -r ".quoted(other(i))." && test ! -d ".quoted(other(i))
    if (GPVAL_SYSTEM_ERRNO) {
        print script.": ".other(i).": no such file, or it cannot be read"
        exit status 1
    }
}
name(path) = path[strlen(folder(path))+1:strlen(path)-4]
evaluations(path) = path eq "" ? "$Rows" : "< LC_ALL=C awk -F, 'NR > 1 && $7 != \"\" { print $1 \",\" $7 }' ".quoted(path)

set multiplot layout 1,2 title heading
set xlabel "iteration"
set ylabel "loss"
set xrange [0:last]
set yrange [0:1]      # the first losses, about 2.3 for ten classes, are above
set key center right
set title "Without a cure (losses above 1 not drawn)"
plot $Rows using "iter":"train_loss" with lines linewidth 2 linecolor rgb "#0072b2" title "train", \
     "" using "iter":"test_loss" with lines linewidth 2 dashtype (12,8) linecolor rgb "#d55e00" title "test", \
     "" using "iter":(validated ? column("val_loss") : NaN) with lines linewidth 2 dashtype (3,5) \
     linecolor rgb "#009e73" title validated ? "validation" : ""
set key bottom right
set title "Test loss with each cure"
array Colours[4] = ["#0072b2", "#009e73", "#cc79a7", "#56b4e9"]
plot $Rows using "iter":"test_loss" with lines linewidth 2 dashtype (12,8) linecolor rgb "#d55e00" title name(csv), \
     for [i = 4:ARGC] evaluations(other(i)) using 1:2 with lines linewidth 2 \
     dashtype i - 2 linecolor rgb Colours[(i - 4) % 4 + 1] title name(other(i))
unset multiplot
load folder(ARG0)."plot-end.gp"
