# plot-common.gp - what the plot scripts share: reads the CSV of mlp-train, sets the terminal. Draws nothing.
# Takes   script (its name), csv, picture, heading (its three arguments), width and height (of a picture, in pixels; a
#         PNG has twice as many, for print), rules (awk: which rows it needs, as CSV) and points (what they are called);
#         columns, if the CSV is not that of a run: how its first line begins; arguments, if they are others
# Gives   $Rows (the header, the rows that the rules printed), on_terminal (0 or 1), heading, a terminal and its output,
#         which plot-end.gp ends

run_columns = "iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc"
if (!exists("columns")) { columns = run_columns }
of_a_run = columns eq run_columns

if (csv eq "") {
    print "usage: gnuplot -c scripts/".script." ".(exists("arguments") ? arguments : "FILE.csv|- [PICTURE.png|PICTURE.svg [TITLE]]")
    print "       - reads standard input; without a picture the plot is text for the terminal"
    exit status 1
}
suffix = strlen(picture) > 4 ? picture[strlen(picture)-3:] : ""
if (picture ne "" && suffix ne ".png" && suffix ne ".svg") {
    print script.": ".picture.": a picture's name ends in .png or .svg"
    exit status 1
}

# The text between single quotes for the shell: it's -> 'it'\''s'
escaped(s) = strstrt(s, "'") ? s[1:strstrt(s, "'")-1]."'\\''".escaped(s[strstrt(s, "'")+1:]) : s
quoted(s) = "'".escaped(s)."'"

source = csv eq "-" ? "" : quoted(csv)
if (csv eq "-") { csv = "standard input" }
if (source ne "") {
    system "test -r ".source." && test ! -d ".source
    if (GPVAL_SYSTEM_ERRNO) {
        print script.": ".csv.": no such file, or it cannot be read"
        exit status 1
    }
}
place = folder(picture) eq "" ? "." : folder(picture)
system "test -d ".quoted(place)." && test -w ".quoted(place)
if (GPVAL_SYSTEM_ERRNO) {
    print script.": ".picture.": no such folder, or it cannot be written to"
    exit status 1
}
system "test ! -d ".quoted(picture)
if (GPVAL_SYSTEM_ERRNO) {
    print script.": ".picture.": a folder, where a picture should go"
    exit status 1
}

# The messages of a run, where they were kept beside its CSV (./mlp-train --csv NAME.csv 2>NAME.log), name network and data.
log_of(path) = path[strlen(path)-3:] eq ".csv" ? path[1:strlen(path)-4].".log" : path.".log"
about(path) = system("LC_ALL=C awk '/^network /{n=$2\" \"$3} /^data /{d=$2} /^options /{for(i=2;i<NF;i++)if($i==\"--data\")f=$(i+1)} \
    END{sub(/,$/,\"\",n); sub(/\\/+$/,\"\",f); sub(/.*\\//,\"\",f); if(n!=\"\")print n \", \" d \" images of \" (f==\"\"?\"mnist\":f)}' ".\
    quoted(log_of(path))." 2>/dev/null")
if (heading eq "" && of_a_run && csv ne "-") { heading = about(csv) }

# Read once, since a pipe can be read once; what the awk rules keep goes into a block that the plots read. The added
# newline is either an empty last line or ends a row that is still being written: sed drops the one or the other.
# Rows of a run without numbers of iteration and epoch are left out. A row of empty cells ends the block, because gnuplot
# complains of a pipe without any row.
blank = ",,,,,,,,,"
complete_rows = of_a_run ? '$1 !~ /^[0-9]+$/ || $2 !~ /^[0-9]/ { next } ' : ''
program = 'NR == 1 { header = $0; print; next } '.complete_rows.rules.' END { print "'.blank.'" }'
set datafile separator tab
set table $Rows separator tab
plot "< { cat -- ".source."; echo; } | sed '$d' | LC_ALL=C awk -F, ".quoted(program) using (strcol(1)) with table
unset table
if ($Rows[1] eq blank) {
    print script.": ".csv.": empty, nothing to draw"
    exit status 1
}
if (strstrt($Rows[1], columns) != 1) {
    print script.": ".csv.": not a CSV of mlp-train, whose first line begins ".columns
    exit status 1
}
if (|$Rows| < 4) {
    print script.": ".csv.": fewer than two ".points.", nothing to draw"
    exit status 1
}
set datafile separator comma

min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b

# noenhanced: the _ and ^ of file names are letters, not subscripts. White: legible on a dark page too.
on_terminal = picture eq ""
if (on_terminal) {
    system "test -t 1 && test -z \"$NO_COLOR\" && test \"$TERM\" != dumb"
    colours = GPVAL_SYSTEM_ERRNO ? "mono" : "ansi"
    cells = max(60, min(160, int(system("tput cols 2>/dev/null || echo 80"))))
    lines = max(20, min(40, int(system("tput lines 2>/dev/null || echo 24")) - 1))
    eval sprintf("set terminal dumb noenhanced size %d,%d %s", cells, lines, colours)
    set output "| tr -d '\\f'"      # without the form feed that this terminal begins a plot with
} else {
    # gnuplot may stop in the middle of a plot. So a shell takes the picture into a file beside it and renames it at the
    # end, but only if plot-end.gp was reached and has made PICTURE.complete. $$, the number of the shell: gnuplot opens
    # the pipe of a PNG twice.
    complete = quoted(picture.".complete"); part = quoted(picture.".part")."$$"
    system "rm -f ".complete
    set output "| if cat >".part." && test -e ".complete." && mv -f ".part." ".quoted(picture) \
        ."; then rm ".complete."; else rm -f ".part."; fi"
    set grid linetype 1 linewidth 0.5 linecolor rgb "#dddddd"
    if (suffix eq ".svg") {
        set terminal svg noenhanced size width,height font "sans-serif,16" background "white"
    } else {
        # Without cairo the libgd terminal draws the same picture, less smoothly.
        eval "set terminal ".(strstrt(GPVAL_TERMINALS, " pngcairo ") ? "pngcairo pointscale 2" : "png")." noenhanced size 2 * width,2 * height \
            font 'sans,12' fontscale 2 linewidth 2 background 'white'"
    }
}
set border 3
set tics nomirror
