#!/usr/bin/env -S gnuplot -c
# plot-sweep.gp - the accuracy at the end of the runs of a sweep, from the results.csv of scripts/sweep.sh: over the values
# of one option, with the standard deviation over seeds and a line for each setting of the others; or over those of two,
# as a heat map. The accuracy is that on the validation part, where there is one, else on the test images.
#
#   gnuplot -c scripts/plot-sweep.gp results.csv lr sweep.svg            or sweep.png; without it, text in the terminal
#   gnuplot -c scripts/plot-sweep.gp results.csv lr hidden sweep.svg     a fourth argument replaces the title
script = "plot-sweep.gp"; csv = ARG1; x = ARG2
is_picture(s) = strlen(s) > 4 && (s[strlen(s)-3:] eq ".png" || s[strlen(s)-3:] eq ".svg")
y = is_picture(ARG3) ? "" : ARG3
picture = y eq "" ? ARG3 : ARG4
heading = y eq "" ? ARG4 : ARG5
if (x eq "") { csv = "" }
columns = "run,"
arguments = "results.csv X [Y] [PICTURE.png|PICTURE.svg [TITLE]]"
width = 700; height = 450
points = "values"

# A run is the text of its cells up to the column iter; cells of options may be quoted, since they may have commas.
# Rows for gnuplot: place and value on the x axis, place and value on the y axis (of a line: its number and name), mean,
# standard deviation, column of the accuracy, most runs of a point, what is the same in all runs. Places are the values in order,
# as numbers where all are. A row that failed is left out.
rules = ' \
    function cells(line, into,   n, cell) { \
        for (n = 1; match(line, /^("([^"]|"")*"|[^,]*)/); n++) { \
            cell = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 2); gsub(/"/, "", cell); gsub(/,/, ";", cell); into[n] = cell; \
            if (line == "") break \
        } \
        return n \
    } \
    function before(a, b) { return a + 0 == a && b + 0 == b ? a + 0 < b + 0 : a < b } \
    function places(set, list,   n, v, i) { \
        for (v in set) { for (i = ++n; i > 1 && before(v, list[i - 1]); i--) list[i] = list[i - 1]; list[i] = v } \
        return n \
    } \
    function last_part(path) { sub(/\/+$/, "", path); sub(/.*\//, "", path); return path } \
    function none(name) { for (r = 0; r < 3; r++) print "none " name } \
    $1 ~ /^[0-9]+$/ { n = cells($0, c); runs++; for (i = 1; i <= n; i++) cell[runs, i] = c[i] } \
    END { \
        columns = cells(header, name); \
        for (i = 1; i <= columns; i++) { \
            at[name[i]] = i; \
            if (name[i] == "iter") options = i - 1 \
        } \
        if (!(x in at) || at[x] > options || at[x] < 2) { none(x); exit } \
        if (y != "" && (!(y in at) || at[y] > options || at[y] < 2)) { none(y); exit } \
        for (r = 1; r <= runs; r++) for (i = 2; i <= options; i++) if (cell[r, i] != cell[1, i]) varies[i] = 1; \
        for (i = 2; i <= options; i++) if (!(i in varies) && name[i] !~ /^(save|export|confusion|threads)$/) same = same (same == "" ? "" : ", ") name[i] " " last_part(cell[1, i]); \
        gsub(/,/, ";", same); \
        for (r = 1; r <= runs; r++) if (cell[r, at["val_acc"]] != "") measure = "val_acc"; \
        if (measure == "") measure = "test_acc"; \
        for (r = 1; r <= runs; r++) { \
            a = cell[r, at[measure]]; \
            if (a == "" || cell[r, at["exit"]] != 0) continue; \
            line = y == "" ? "" : cell[r, at[y]]; \
            if (y == "") for (i = 2; i <= options; i++) \
                if (i in varies && name[i] != x && name[i] != "seed") line = line (line == "" ? "" : " ") name[i] " " cell[r, i]; \
            xs[cell[r, at[x]]]; \
            if (!(line in lines)) { lines[line]; ylist[++ny] = line } \
            k = cell[r, at[x]] SUBSEP line; if (++count[k] > most) most = count[k]; sum[k] += a; squares[k] += a * a \
        } \
        nx = places(xs, xlist); \
        if (y != "") places(lines, ylist); \
        for (j = 1; j <= ny; j++) for (i = 1; i <= nx; i++) { \
            k = xlist[i] SUBSEP ylist[j]; \
            if (!(k in count)) continue; \
            mean = sum[k] / count[k]; v = count[k] > 1 ? (squares[k] - count[k] * mean * mean) / (count[k] - 1) : 0; \
            print i "," xlist[i] "," j "," ylist[j] "," mean "," sqrt(v > 0 ? v : 0) "," measure "," most "," same \
        } \
    }'
rules = '{ x = "'.x.'"; y = "'.y.'" } '.rules
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
load folder(ARG0)."plot-common.gp"

cut(s, k) = k == 1 ? s[1:strstrt(s.",", ",")-1] : cut(s[strstrt(s, ",")+1:], k - 1)
if ($Rows[2][1:5] eq "none ") {
    print script.": ".$Rows[2][6:].": no option of this sweep; its options are the columns between run and iter"
    exit status 1
}
last = |$Rows| - 1
lines = int(cut($Rows[last], 3))
places = 1
set xtics ()
do for [i = 2:last] { n = int(cut($Rows[i], 1)); places = max(places, n) }
accuracy = cut($Rows[last], 7) eq "val_acc" ? "accuracy, validation part" : "accuracy, test images"
array Names[lines]
do for [i = 2:last] { n = int(cut($Rows[i], 3)); Names[n] = cut($Rows[i], 4) }
do for [i = 2:last] { set xtics add (cut($Rows[i], 2) int(cut($Rows[i], 1))) }

# What is the same in all runs, if it fits, and what a point is.
if (heading eq "") {
    heading = cut($Rows[last], 9)
    heading = strlen(heading) > 60 ? heading[1:57]."..." : heading
    most = int(cut($Rows[last], 8))
    if (most > 1) { heading = heading."\n".(y eq "" ? "mean and standard deviation" : "mean")." of up to ".most." runs" }
}
# In a terminal the legend is where the name of x would be.
below = y eq "" && lines > 1
set title on_terminal ? heading."  (".accuracy.(below ? ", by ".x : "").")" : heading
set xlabel on_terminal && below ? "" : x
letters = 0
do for [i = 2:last] { letters = max(letters, strlen(cut($Rows[i], 2))) }
if (places * letters > 48 && !on_terminal) { set xtics rotate by -40 }
set xrange [0.5:places + 0.5]
if (y eq "") {
    set ylabel accuracy
    if (below) { set key below; set xlabel offset 0,0.4 } else { unset key }
    array Points[6] = [7, 5, 9, 11, 13, 6]
    array Colours[6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
    set offsets 0, 0, graph 0.05, graph 0.05
    plot for [s = 1:lines] $Rows skip 1 using ($3 == s ? $1 + (s - (lines + 1) / 2.0) * 0.03 : NaN):5:6 with yerrorlines \
        linewidth 2 pointtype Points[(s - 1) % 6 + 1] pointsize 0.9 linecolor rgb Colours[(s - 1) % 6 + 1] title Names[s]
} else {
    set ylabel y
    set yrange [0.5:lines + 0.5]
    set ytics ()
    do for [i = 1:lines] { set ytics add (Names[i] i) }
    unset key
    set cblabel accuracy
    set palette defined (0 "#f7fbff", 1 "#4a98c9")
    if (on_terminal) {
        plot $Rows skip 1 using 1:3:(sprintf("%.4f", $5)) with labels
    } else {
        size = (suffix eq ".svg" ? 16 : 12) * min(1, 7.0 / places)
        plot $Rows skip 1 using 1:3:(0.5):(0.5):5 with boxxyerror fillstyle solid linecolor palette, \
             "" skip 1 using 1:3:(sprintf("%.4f", $5)) with labels font sprintf(",%.1f", size)
    }
}
load folder(ARG0)."plot-end.gp"
