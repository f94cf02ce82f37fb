# scale.gp - draws the tables of `make bench-scale`: gnuplot -c tests/bench/scale.gp FOLDER PICTURE.svg
# A panel a table, a line a column; both axes are logarithmic.
folder = ARG1
tables = system("cd '".folder."' && for t in images hidden batch threads density; do test -f $t.tsv && echo $t; done; :")
rows = (words(tables) + 1) / 2
set datafile separator tab
set terminal svg noenhanced size 1200,40+430*rows font "sans-serif,13" background "white"
set output ARG2
set grid linetype 1 linewidth 0.5 linecolor rgb "#dddddd"
set border 3
set tics nomirror
set logscale xy
set key below samplen 2
set multiplot layout rows,2 title "Time of training, as mlp-train measures it"
do for [table in tables] {
    file = folder."/".table.".tsv"
    stats file skip 1 matrix nooutput
    set format x (table eq "density" ? "%g" : "%.0s%c")
    set xlabel system("head -n 1 '".file."' | cut -f 1")
    set ylabel table eq "batch" ? "µs an image" : "µs an iteration"
    plot for [i=2:STATS_size_x] file using 1:i with linespoints pointtype 7 pointsize 0.5 title columnheader(i)
}
unset multiplot
