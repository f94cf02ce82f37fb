#!/usr/bin/env -S gnuplot -c
# plot-lesson.gp - the figure of a lesson, from its CSV. The header of the CSV says which lesson it is.
#
#   ./mlp-train --lesson descent --csv descent.csv
#   gnuplot -c scripts/plot-lesson.gp descent.csv descent.svg       or descent.png; a third argument replaces the title
script = "plot-lesson.gp"; csv = ARG1; picture = ARG2; heading = ARG3
width = 800; height = 480
columns = ""; rules = '{ print }'
points = "rows"
folder(path) = path eq "" || path[strlen(path):] eq "/" ? path : folder(path[1:strlen(path)-1])
if (csv ne "" && picture eq "") {
    print script.": name a picture, for example ".script." ".csv." lesson.svg"
    exit status 1
}
titled = heading ne ""
load folder(ARG0)."plot-common.gp"

lesson = ""
array Names[7] = ["loss", "activation", "derivative", "gradient", "descent", "simple-net", "step-by-step"]
array Headers[7] = ["example,probability,squared_error,cross_entropy", \
    "x,step,d_step,sigmoid,d_sigmoid,tanh,d_tanh,relu,d_relu", "x,f,derivative,precision,h,central,forward", \
    "x0,x1,f,df_dx0,df_dx1", "lr,iteration,x0,x1,f", "row,column,weight,numerical,backprop", \
    "iteration,example,label,class,target,probability,loss"]
do for [i = 1:7] { if ($Rows[1] eq Headers[i]) { lesson = Names[i] } }
if (lesson eq "") {
    print script.": ".csv.": not the CSV of a lesson (mlp-train --lesson NAME --csv FILE)"
    unset output
    exit status 1
}

# Colours that differ in brightness too, and a dash pattern of their own each: for print in grey and for the colour-blind.
set style line 1 linewidth 2.5 linecolor rgb "#0072b2"
set style line 2 linewidth 2.5 dashtype (12,6) linecolor rgb "#d55e00"
set style line 3 linewidth 2.5 dashtype (3,4) linecolor rgb "#009e73"
set style line 4 linewidth 2 linecolor rgb "#000000"
set style line 5 linewidth 1 linecolor rgb "#999999"
is(name, text) = strcol(name) eq text

if (lesson eq "loss") {
    if (!titled) { heading = "The loss of one prediction" }
    set multiplot layout 1,2 title heading
    set title "-log y of the label's probability y"
    set xlabel "y"
    set ylabel "cross-entropy" offset 1
    set xrange [0:1]
    set yrange [0:5]
    set key off
    plot $Rows skip 1 using (is(1, "") ? $2 : NaN):4 with lines linestyle 1, \
         "" skip 1 using (is(1, "") ? NaN : $2):4 with points pointtype 7 pointsize 1 linecolor rgb "#000000", \
         "" skip 1 using (is(1, "y3") || is(1, "") ? NaN : $2):4:1 with labels left offset 1,0.6, \
         "" skip 1 using (is(1, "y3") ? $2 : NaN):4:1 with labels left offset 3.5,0.6
    set title "Both losses of three predictions"
    set style fill solid border rgb "#000000"
    set boxwidth 0.35
    set xlabel ""
    set ylabel "loss" offset 1
    set xrange [0.4:3.6]
    set yrange [0:3.4]
    set xtics ("y1" 1, "y2" 2, "y3" 3)
    set key top left
    number(name) = is(name, "") ? NaN : real(strcol(name)[2:])
    plot $Rows skip 1 using (number(1) - 0.19):3 with boxes linecolor rgb "#0072b2" title "squared error", \
         "" skip 1 using (number(1) + 0.19):4 with boxes linecolor rgb "#f0b030" title "cross-entropy", \
         "" skip 1 using (number(1) - 0.19):3:(sprintf("%.4g", $3)) with labels font ",12" offset 0,0.5 notitle, \
         "" skip 1 using (number(1) + 0.19):4:(sprintf("%.4g", $4)) with labels font ",12" offset 0,0.5 notitle
}

if (lesson eq "activation") {
    if (!titled) { heading = "Activations (above) and their derivatives (below)" }
    set multiplot layout 2,2 title heading
    set xrange [-6:6]
    set key top left reverse Left samplen 2
    set ytics 0.5
    set yrange [-0.1:1.4]
    plot $Rows using "x":"step" with lines linestyle 4 title "step", "" using "x":"sigmoid" with lines linestyle 1 title "sigmoid"
    set ytics 1
    set yrange [-1.2:3]
    plot $Rows using "x":"relu" with lines linestyle 3 title "ReLU", "" using "x":"tanh" with lines linestyle 2 title "tanh", \
         "" using "x":"sigmoid" with lines linestyle 1 title "sigmoid"
    set xlabel "x"
    set key off # the lines are those above
    set ytics 0.1
    set yrange [-0.02:0.27]
    plot $Rows using "x":"d_step" with lines linestyle 4, "" using "x":"d_sigmoid" with lines linestyle 1
    set ytics 0.5
    set yrange [-0.1:1.1]
    plot $Rows using "x":"d_relu" with lines linestyle 3, "" using "x":"d_tanh" with lines linestyle 2, \
         "" using "x":"d_sigmoid" with lines linestyle 1
}

if (lesson eq "derivative") {
    if (!titled) { heading = "Numerical differentiation of 0.01 x² + 0.1 x" }
    set multiplot layout 1,2 title heading
    # The slope of each tangent is the central difference with h = 1e-4.
    array At[2] = [5, 10]
    array Slope[2]
    array Value[2]
    do for [i = 1:2] {
        stats $Rows skip 1 using ($1 == At[i] && is(4, "double") && abs($5 - 1e-4) < 1e-8 ? $6 : NaN) nooutput
        Slope[i] = STATS_mean
        stats $Rows skip 1 using ($1 == At[i] && is(4, "") ? $2 : NaN) nooutput
        Value[i] = STATS_mean
    }
    tangent(i, x) = Value[i] + Slope[i] * (x - At[i])
    set title "f and its tangents at 5 and 10"
    set xlabel "x"
    set ylabel "f(x)" offset 1
    set xrange [0:20]
    set yrange [-1:6]
    set key top left reverse Left
    do for [i = 1:2] { set label i at At[i],Value[i] "" point pointtype 7 front }
    plot $Rows skip 1 using (is(4, "") && is(5, "") ? $1 : NaN):2 with lines linestyle 1 title "f", \
         tangent(1, x) with lines linestyle 2 title sprintf("slope %.4f", Slope[1]), \
         tangent(2, x) with lines linestyle 3 title sprintf("slope %.4f", Slope[2])
    unset label
    set title "Error of the derivative at 5"
    set xlabel "h"
    set ylabel "error" offset 1
    set logscale xy
    set format "1e%T"
    set xrange [1e-16:0.1]
    set yrange [1e-17:10]
    set xtics 1e-16,1e4
    set ytics 1e-16,1e4
    set key bottom left reverse Left samplen 2
    error(of, precision) = $1 == 5 && is(4, precision) ? max(1e-17, abs(column(of) - $3)) : NaN
    plot $Rows skip 1 using 5:(error(6, "double")) with lines linestyle 1 title "central", \
         "" skip 1 using 5:(error(7, "double")) with lines linestyle 2 title "forward", \
         "" skip 1 using 5:(error(6, "float")) with lines linestyle 3 title "central, float32", \
         "" skip 1 using 5:(error(7, "float")) with lines linestyle 4 title "forward, float32"
}

if (lesson eq "gradient") {
    if (!titled) { heading = "f(x0, x1) = x0² + x1²" }
    set multiplot layout 1,2 title heading
    set title "The surface"
    set key off
    set border 31
    set dgrid3d 25,25 qnorm 8
    set hidden3d
    set xyplane 0
    set xlabel "x0"
    set ylabel "x1"
    set xtics -2,2
    set ytics -2,2
    splot $Rows skip 1 using 1:2:3 with lines linecolor rgb "#0072b2"
    unset dgrid3d
    set border 3
    set title "The field of -gradient"
    set xrange [-3.3:3.3]
    set yrange [-3.3:3.3]
    set size ratio -1
    whole(v) = abs(2 * v - floor(2 * v)) < 1e-9
    drawn(a, b) = whole(a) && whole(b)
    plot $Rows skip 1 using (drawn($1, $2) ? $1 : NaN):2:(-0.06 * $4):(-0.06 * $5) \
        with vectors head filled size 0.12,25 linewidth 1.2 linecolor rgb "#0072b2"
}

if (lesson eq "descent") {
    if (!titled) { heading = "Gradient descent on x0² + x1² from (-3, 4)" }
    rates = ""
    do for [i = 2:|$Rows|-1] {
        lr = $Rows[i][1:strstrt($Rows[i], ",")-1]
        if (words(rates) == 0 || word(rates, words(rates)) ne lr) { rates = rates." ".lr }
    }
    array Radius[words(rates)]
    array Last[words(rates)]
    do for [i = 1:words(rates)] {
        stats $Rows skip 1 using (is(1, word(rates, i)) ? sqrt($5) : NaN) nooutput
        Radius[i] = STATS_max
        stats $Rows skip 1 using (is(1, word(rates, i)) ? $2 : NaN) nooutput
        last = STATS_max
        stats $Rows skip 1 using (is(1, word(rates, i)) && $2 == last ? $5 : NaN) nooutput
        Last[i] = STATS_max
    }
    set multiplot title heading
    set tmargin at screen 0.84
    set bmargin at screen 0.46
    set key off
    set size ratio -1
    do for [i = 1:words(rates)] {
        R = 1.15 * Radius[i]
        set title sprintf("lr = %s\nlast f = %.3g", word(rates, i), Last[i])
        set lmargin at screen 0.1 + 0.9 * (i - 1) / words(rates)
        set rmargin at screen 0.1 + 0.9 * i / words(rates) - 0.12
        set xlabel "x0" offset 0,0.6
        set ylabel i == 1 ? "x1" : "" offset 1
        set xrange [-R:R]
        set yrange [-R:R]
        tic = 10 ** floor(log10(R)) * (R > 2 * 10 ** floor(log10(R)) ? 2 : 1)
        set xtics (sprintf("%.0g", -tic) -tic, sprintf("%.0g", tic) tic)
        set ytics (sprintf("%.0g", -tic) -tic, "0" 0, sprintf("%.0g", tic) tic)
        plot for [k = 1:5] [t=0:2*pi] "+" using (R * k / 5.5 * cos($1)):(R * k / 5.5 * sin($1)) with lines linestyle 5, \
             $Rows skip 1 using (is(1, word(rates, i)) ? $3 : NaN):4 with linespoints linestyle 1 pointtype 7 pointsize 0.5, \
             "" skip 1 using (is(1, word(rates, i)) && $2 == 0 ? $3 : NaN):4 with points linestyle 4 pointtype 4 pointsize 1.6
    }
    set size noratio
    set title ""
    set lmargin at screen 0.12
    set rmargin at screen 0.86
    set tmargin at screen 0.31
    set bmargin at screen 0.12
    set key at graph 1.02,1 left top reverse Left samplen 1.5
    set xlabel "iteration"
    set ylabel "f"
    set logscale y
    set format y "1e%T"
    set xrange [0:last]
    set yrange [*:*]
    set xtics autofreq
    set ytics 1e-20,1e10
    plot for [i = 1:words(rates)] $Rows skip 1 using (is(1, word(rates, i)) && $5 > 0 ? $2 : NaN):5 with lines linestyle i title word(rates, i)
}

if (lesson eq "simple-net") {
    if (!titled) { heading = "A 2 x 3 softmax network" }
    set multiplot layout 1,2 title heading
    set key off
    unset grid
    unset colorbox
    set border 0
    set tics scale 0
    set palette defined (-1 "#d55e00", 0 "#ffffff", 1 "#56a0d8")
    set xtics ("class 0" 0, "class 1" 1, "class 2" 2)
    set ytics ("x0" 0, "x1" 1)
    array Titles[2] = ["Weights W", "Gradient dL/dW"]
    array Largest[2]
    do for [i = 1:2] { stats $Rows skip 1 using (abs(column(2 + i))) nooutput; Largest[i] = STATS_max }
    set xrange [-0.5:2.5]
    set yrange [1.5:-0.5]
    do for [i = 1:2] {
        set title Titles[i]
        set cbrange [-Largest[i]:Largest[i]]
        plot $Rows skip 1 using 2:1:(0.48):(0.48):2+i with boxxyerror fillstyle solid border rgb "#888888" palette, \
             "" skip 1 using 2:1:(sprintf("%.4f", column(2 + i))) with labels
    }
}

if (lesson eq "step-by-step") {
    if (!titled) { heading = "Probabilities of five images, iteration by iteration (frame: the label)" }
    stats $Rows skip 1 using 2 nooutput
    n = int(STATS_max) + 1
    array Label[n]
    do for [i = 1:n] { stats $Rows skip 1 using ($2 == i - 1 ? $3 : NaN) nooutput; Label[i] = STATS_max }
    stats $Rows skip 1 using 6 nooutput
    set multiplot layout 1,n title heading margins 0.09,0.98,0.15,0.83 spacing 0.05
    set key off
    unset grid
    unset colorbox
    set palette defined (0 "#ffffff", 1 "#08306b")
    set cbrange [0:STATS_max]
    stats $Rows skip 1 using 1 nooutput
    last = STATS_max
    set xrange [-0.5:last+0.5]
    set yrange [-0.5:9.5]
    set ytics 0,1,9
    set xlabel "iteration"
    set xtics 0,max(1,last)
    do for [i = 0:n-1] {
        label = Label[i+1]
        set title sprintf("label %d", label)
        set object 1 rectangle from -0.5,label-0.5 to last+0.5,label+0.5 fillstyle empty border rgb "#d55e00" linewidth 2.5 front
        if (i == 0) { set ylabel "class" offset 1 } else { set ylabel "" }
        plot $Rows skip 1 using ($2 == i ? $1 : NaN):4:(0.5):(0.5):6 with boxxyerror fillstyle solid noborder palette
    }
}
unset multiplot
load folder(ARG0)."plot-end.gp"
