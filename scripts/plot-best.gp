#!/usr/bin/env -S gnuplot -c
# plot-best.gp - how low the error goes. Left: of every hundred test and train images, how many are predicted as another
# digit, epoch by epoch, from a CSV of mlp-train, beside the published records. Right: the same of the validation images
# at the end of every run of a search, from the CSV of scripts/search.sh.
#
#   gnuplot -c scripts/plot-best.gp best.csv best.svg 'Title' search.csv
script = "plot-best.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 800; height = 420
rules = '$6 != "" && $1 > 0 { print }'
points = "evaluations"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
search = ARG4
load folder(ARG0)."plot-common.gp"

system "test -r ".quoted(search)." && test ! -d ".quoted(search)
if (GPVAL_SYSTEM_ERRNO) {
    print script.": ".search.": no such file, or it cannot be read (the fourth argument is the CSV of a search)"
    exit status 1
}
stats $Rows using "epoch" nooutput
last = STATS_max
runs(rule) = "< LC_ALL=C awk -F, 'NR > 1 && ".rule." { print $1 \",\" $2 }' ".quoted(search)

set multiplot layout 1,2 title heading
set logscale y
set xlabel "epoch"
set ylabel "error, %"
set yrange [0.1:10]
set xrange [0:last]
set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10)
set key top right
set title "The best network"
plot $Rows using "epoch":(100 * (1 - column("train_acc"))) with lines linewidth 2 linecolor rgb "#0072b2" title "train", \
     "" using "epoch":(100 * (1 - column("test_acc"))) with lines linewidth 2 dashtype (12,8) \
     linecolor rgb "#d55e00" title "test", \
     1.6 with lines linecolor rgb "#888888" dashtype (3,5) title "1.6: published, no distortions", \
     0.7 with lines linecolor rgb "#888888" title "0.7: published, distortions"
set title "The search, on validation images"
set key top left reverse Left
set xlabel "validation loss"
set logscale x
set xrange [0.018:0.2]
set yrange [0.5:5]
set xtics (0.02, 0.03, 0.05, 0.1, 0.2)
plot runs("!/--hidden 50 / && !/--augment none/") using 1:(100 * (1 - $2)) with points pointtype 7 pointsize 0.5 \
     linecolor rgb "#d55e00" title "wide, distorted", \
     runs("!/--hidden 50 / && /--augment none/") using 1:(100 * (1 - $2)) with points pointtype 5 pointsize 0.5 \
     linecolor rgb "#0072b2" title "wide, not distorted", \
     runs("/--hidden 50 /") using 1:(100 * (1 - $2)) with points pointtype 9 pointsize 0.5 \
     linecolor rgb "#009e73" title "50 hidden units"
unset multiplot
load folder(ARG0)."plot-end.gp"
