#!/usr/bin/env -S gnuplot -c
# plot-compare.gp - several runs in one picture: the batch loss, as a centred mean of 101 iterations, and the test accuracy.
#
#   for lr in 0.01 0.1 1; do ./mlp-train --lr $lr --csv lr-$lr.csv 2>lr-$lr.log; done
#   gnuplot -c scripts/plot-compare.gp compare.svg lr-*.csv
#
# A run is labelled by the options in which it differs from the others. They are in the "options" line of its messages,
# kept beside the CSV as NAME.log. Without that file only its learning rate is known, from the CSV; runs whose labels
# would be equal get the names of their files. A line says what is not drawn.
script = "plot-compare.gp"; picture = ""; heading = ""
width = 800; height = 480
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
escaped(s) = strstrt(s, "'") ? s[1:strstrt(s, "'")-1]."'\\''".escaped(s[strstrt(s, "'")+1:]) : s
quoted(s) = "'".escaped(s)."'"
if (ARGC < 2) {
    print "usage: gnuplot -c scripts/".script." PICTURE.png|PICTURE.svg FILE.csv..."
    exit status 1
}
is_picture(s) = strlen(s) > 4 && (s[strlen(s)-3:] eq ".png" || s[strlen(s)-3:] eq ".svg")
do for [i = 1:ARGC] { if (is_picture(ARGV[i])) { picture = ARGV[i] } }
if (picture eq "") {
    print script.": names no picture; add one that ends in .png or .svg"
    exit status 1
}

# For awk: the losses that are numbers, and their mean as in plot-loss.gp, over 50 iterations before and after.
losses = "NR > 1 && $3 ~ /^[-+.0-9e]+$/ { n++; iter[n] = $1; sum[n] = sum[n - 1] + $3 } \
    function mean(i,   k, end) { k = i > 50 ? 50 : i - 1; end = i + k < n ? i + k : n; return (sum[end] - sum[i - k - 1]) / (end - i + k + 1) } "
awk(program, path) = "LC_ALL=C awk -F, ".quoted(program)." ".quoted(path)
summary = "NR == 1 && !/^iter,epoch,loss,lr,/ { other = 1 } NR == 2 { first = $4 } NR == 3 { first = $4 } $1 ~ /^[0-9]+$/ && $8 != \"\" { accuracy = $8; evaluations++ } \
    $3 ~ /nan|inf/ && !bad { bad = $1 } ".losses."END { if (other || n < 2 || evaluations < 2) exit; low = high = mean(1); \
    for (i = 1; i <= n; i++) { m = mean(i); if (m < low) low = m; if (m > high) high = m } \
    printf \"%.9g %.9g %d %.4f %g %d\", low, high, iter[n], accuracy, first, bad }"

# The runs that can be drawn, and of each: lowest and highest mean, last iteration, last accuracy, rate, first loss that is nan.
array Files[ARGC]
array About[ARGC]
n = 0
do for [i = 1:ARGC] {
    if (ARGV[i] eq picture) { continue }
    line = system(awk(summary, ARGV[i])." 2>/dev/null")
    if (words(line) == 6) { n = n + 1; Files[n] = ARGV[i]; About[n] = line } \
    else { print script.": ".ARGV[i].": not drawn: no CSV of a run with two losses and two evaluations" }
}
if (n == 0) {
    print script.": nothing to draw"
    exit status 1
}
csv = Files[1]
height = 386 + 24 * n      # a line of the legend for each run
rules = '$6 != "" { print }'
points = "evaluations"
load folder(ARG0)."plot-common.gp"

# ---- labels ----

# Options that change no result are left out.
array Options[n]
has(text, option) = strstrt(" ".text." ", " ".option." ") > 0
do for [i = 1:n] {
    Options[i] = system("test -r ".quoted(log_of(Files[i]))." && sed -nE ".quoted("s/^options *//; t found; d; :found \
        s/all at their defaults//; s/--(csv|save|export|checkpoint|confusion|threads|trace|progress|quiet|verbose)( [^-][^ ]*)?//g; p")." ".quoted(log_of(Files[i])))
    if (!has(Options[i], "--lr") && !has(Options[i], "--warmup")) { Options[i] = Options[i]." --lr ".word(About[i], 5) }
}
array Labels[n]
do for [i = 1:n] {
    Labels[i] = ""
    w = 1
    while (w <= words(Options[i])) {
        option = word(Options[i], w)
        w = w + 1
        while (w <= words(Options[i]) && substr(word(Options[i], w), 1, 2) ne "--") { option = option." ".word(Options[i], w); w = w + 1 }
        common_to_all = 1
        do for [j = 1:n] { common_to_all = common_to_all && has(Options[j], option) }
        if (!common_to_all) { Labels[i] = Labels[i]." ".option[3:] }
    }
    Labels[i] = Labels[i] eq "" ? "defaults" : Labels[i][2:61]
}
name(path) = path[strlen(folder(path))+1:strlen(path)-4]
array Equal[n]
do for [i = 1:n] { Equal[i] = 0; do for [j = 1:n] { Equal[i] = Equal[i] + (Labels[i] eq Labels[j]) } }
do for [i = 1:n] { if (Equal[i] > 1) { Labels[i] = name(Files[i]) } }

# ---- scale ----

# Of the losses, the scale of the run that stays lowest: one that diverges would hide the others.
top = real(word(About[1], 2)); low = real(word(About[1], 1)); last = 0
do for [i = 1:n] {
    top = min(top, real(word(About[i], 2)))
    low = min(low, real(word(About[i], 1)))
    last = max(last, real(word(About[i], 3)))
}
top = 1.1 * top
do for [i = 1:n] {
    if (real(word(About[i], 2)) > top) {
        print sprintf("%s: %s: not drawn: means of the loss above %.3g, up to %s", script, Files[i], top, word(About[i], 2))
    }
    if (word(About[i], 6) ne "0") {
        print sprintf("%s: %s: not drawn: the loss is not finite from iteration %s on", script, Files[i], word(About[i], 6))
    }
}

# Styles that differ without colours too.
set style line 1 linewidth 2.5 linecolor rgb "#0072b2" pointtype 7
set style line 2 linewidth 2.5 dashtype (12,6) linecolor rgb "#d55e00" pointtype 5
set style line 3 linewidth 2.5 dashtype (3,4) linecolor rgb "#009e73" pointtype 9
set style line 4 linewidth 2.5 dashtype (12,4,3,4) linecolor rgb "#cc79a7" pointtype 11
set style line 5 linewidth 1.5 linecolor rgb "#000000" pointtype 13
set style line 6 linewidth 4 linecolor rgb "#b0b0b0" pointtype 6
style(i) = (i - 1) % 6 + 1

means(i) = "< ".awk(losses."END { step = int(n / 400) + 1; for (i = 1; i <= n; i++) if (i % step == 0 || i == 1 || i == n) print iter[i] \",\" mean(i) }", Files[i])
accuracies(i) = "< ".awk("NR > 1 && $8 != \"\" { print $1 \",\" $8 }", Files[i])
last_accuracy(i) = "< ".awk("NR > 1 && $8 != \"\" { last = $1 \",\" $8 } END { print last }", Files[i])

same = 1
do for [i = 2:n] { same = same && about(Files[i]) eq heading }
set multiplot layout 1,2 title heading eq "" ? sprintf("%d runs", n) : sprintf("%d runs%s: %s", n, same ? "" : ", first", heading) \
    margins 0.08,0.97,(75.0 + 22 * n) / height,1 - 94.0 / height spacing 0.1
set xlabel "iteration"
set xrange [0:last]
set xtics last / 2
set key off
set title "Batch loss, mean of 101"
set yrange [low:top]
plot for [i = 1:n] means(i) using 1:2 with lines linestyle style(i)
set title "Test accuracy, and the last one"
set yrange [*:*] noextend
set key at screen 0.5,0.02 center bottom vertical maxrows n samplen 3
plot for [i = 1:n] accuracies(i) using 1:2 with lines linestyle style(i) title Labels[i].": ".word(About[i], 4), \
     for [i = 1:n] last_accuracy(i) using 1:2 with points linestyle style(i) pointsize 1 notitle
unset multiplot
load folder(ARG0)."plot-end.gp"
