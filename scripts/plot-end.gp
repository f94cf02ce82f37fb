# plot-end.gp - what the plot scripts end with: closes the output that plot-common.gp opened. Exit 1 without a picture.
if (!on_terminal) { system "touch ".complete }
unset output      # waits until the command that takes the picture or the text has ended
if (!on_terminal) {
    system "! rm ".complete." 2>/dev/null && test -s ".quoted(picture)
    if (GPVAL_SYSTEM_ERRNO) {
        print script.": ".picture.": cannot be written"
        exit status 1
    }
}
