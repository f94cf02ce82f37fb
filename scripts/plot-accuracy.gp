#!/usr/bin/env -S gnuplot -c
# plot-accuracy.gp - the accuracy over the epochs, from the CSV of mlp-train: train solid, test dashed, validation
# dotted where it was measured; beside it the second half of the run, enlarged.
#
#   gnuplot -c scripts/plot-accuracy.gp curve.csv accuracy.svg      or accuracy.png; a third argument replaces the title
#   ./mlp-train --csv - | gnuplot -c scripts/plot-accuracy.gp - accuracy.png
#   gnuplot -c scripts/plot-accuracy.gp curve.csv                   as text, in the terminal
#   watch -n 5 gnuplot -c scripts/plot-accuracy.gp curve.csv        the same, during the run
script = "plot-accuracy.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 800; height = 420
rules = '$6 != "" { print }'
points = "evaluations"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

stats $Rows using "epoch" nooutput
last = STATS_max
stats $Rows using "iter" nooutput
if (heading eq "") { heading = sprintf("%d iterations", STATS_max) }
# Not by stats: over a column without numbers, gnuplot 6 leaves its results undefined.
validated = 0
do for [i = 2:|$Rows|] { row = $Rows[i]; validated = validated || row[strlen(row):] ne "," }

# Text has no dashes: a line for train, letters at the evaluations for the others.
train = "with lines linewidth 2.5"
test = on_terminal ? "with points pointtype 'o'" : "with lines linewidth 2.5 dashtype (12,6)"
validation = on_terminal ? "with points pointtype 'v'" : "with lines linewidth 2.5 dashtype (3,4)"

# The range of the train and test accuracies from epoch `from` on.
low = 1.0; high = 0.0
range(from) = sprintf("stats $Rows using (column('epoch') >= %g ? column('train_acc') : NaN) nooutput; low = STATS_min; high = STATS_max; \
    stats $Rows using (column('epoch') >= %g ? column('test_acc') : NaN) nooutput; low = min(low, STATS_min); high = max(high, STATS_max)", from, from)
end_of(name, y) = sprintf("%s %.4f", name, y)

set xlabel "epoch"
set ylabel "accuracy"
set key bottom right samplen 2
stats $Rows using (column("epoch") == last ? column("train_acc") : NaN) nooutput
train_end = STATS_max
stats $Rows using (column("epoch") == last ? column("test_acc") : NaN) nooutput
test_end = STATS_max
panels = on_terminal ? 1 : 2
if (on_terminal) { set title heading } else { set multiplot layout 1,2 title heading }
do for [panel = 1:panels] {
    from = panel == 1 ? 0 : last / 2
    eval range(from)
    set xrange [from:last]
    if (high > low) { set yrange [low:high] } else { set yrange [low-0.01:low+0.01] }
    if (!on_terminal) { set title panel == 1 ? "All epochs" : "The second half" }
    if (panel == 2) { set ylabel ""; if (high - low < 0.1) { set format y "%.3f" } }
    plotted = sprintf("plot $Rows using 'epoch':'train_acc' %s linecolor rgb '#0072b2' title end_of('train', train_end), \
        '' using 'epoch':'test_acc' %s linecolor rgb '#d55e00' title end_of('test', test_end), \
        '' using 'epoch':(validated ? column('val_acc') : NaN) %s linecolor rgb '#009e73' title validated ? 'validation' : ''", train, test, validation)
    if (!on_terminal) { plotted = plotted.", '' using (column('epoch') == last ? last : NaN):'train_acc' with points pointtype 7 \
        linecolor rgb '#0072b2' notitle, '' using (column('epoch') == last ? last : NaN):'test_acc' with points pointtype 5 \
        linecolor rgb '#d55e00' notitle" }
    eval plotted
}
if (!on_terminal) { unset multiplot }
load folder(ARG0)."plot-end.gp"
