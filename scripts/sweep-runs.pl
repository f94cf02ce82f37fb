#!/usr/bin/perl
# sweep-runs.pl DIR THREADS NUMBER... - trains the runs of sweep.sh with these numbers, one after the other, and adds
# their rows to results.csv; without numbers it only writes results.csv again. One process for many runs, which starts
# nothing but the program: a process costs milliseconds.
use strict;
use warnings;
use Fcntl qw(:flock F_SETFD);
use POSIX ();
BEGIN { eval { require Time::HiRes; Time::HiRes->import('time') } }    # else whole seconds

my ($dir, $threads, @numbers) = @ARGV;
my $stop = 0;

sub problem { die "sweep: @_: $!\n" }

# The lock of a file, which is held until the handle is closed.
sub locked {
    my ($path) = @_;
    open(my $lock, '>>', $path) or problem($path);
    until (flock($lock, LOCK_EX)) {
        problem($path) unless $!{EINTR};
        exit 130 if $stop;
    }
    return $lock;
}

# One write, so that no reader sees a part of it.
sub put {
    my ($how, $path, $text) = @_;
    open(my $file, $how, $path) or problem($path);
    defined syswrite($file, $text) && close($file) or problem($path);
}

sub text_of {
    my ($path) = @_;
    open(my $file, '<', $path) or return '';
    local $/;
    return <$file> // '';
}

# results.csv from the rows that are there, in the order of the runs; the caller holds its lock
sub collect {
    opendir(my $folders, "$dir/runs") or problem("$dir/runs");
    my @rows = map { "$dir/runs/$_/row" } sort grep { /^[0-9]+$/ } readdir $folders;
    put('>', "$dir/results.csv.part", join '', map { text_of($_) } "$dir/header", @rows);
    rename("$dir/results.csv.part", "$dir/results.csv") or problem("$dir/results.csv");
}

sub cell {
    my ($text) = @_;
    $text =~ s/"/""/g;
    return $text =~ /[",]/ ? "\"$text\"" : $text;
}

# The end and the best of each column of a curve: iter, six ends, six best ones.
sub summary_of {
    my ($curve) = @_;
    my ($iter, @last, @best) = '';
    for (split /\n/, text_of($curve)) {
        my @fields = split /,/, $_, -1;
        next unless @fields == 10 && $fields[0] =~ /^[0-9]+$/;
        $iter = $fields[0];
        for my $i (4 .. 9) {    # a loss, then an accuracy, of train, test and validation set
            my $value = $fields[$i];
            next if $value eq '';
            $last[$i] = $value;
            next unless $value =~ /[0-9]/;
            $best[$i] = $value if !defined $best[$i] || ($i % 2 ? $value > $best[$i] : $value < $best[$i]);
        }
    }
    return $iter, map { $_ // '' } @last[4 .. 9], @best[4 .. 9];
}

# Ends with the exit status of the program, 128 + N after signal N; its output is in the log.
sub status_of {
    my ($log, @command) = @_;
    my $child = fork() // problem('fork');
    if (!$child) {
        open(STDOUT, '>', $log) && open(STDERR, '>&', \*STDOUT) or problem($log);
        exec { $command[0] } @command or problem($command[0]);
    }
    while (waitpid($child, 0) < 0) { problem('waitpid') unless $!{EINTR} }
    return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

# One run, unless it is done; returns the status with which this process must end, or 0.
sub run {
    my ($number, $names, @values) = @_;
    my $at = sprintf '%s/runs/%04d', $dir, $number;
    my $lock = locked("$at/lock");
    return 0 if -e "$at/done";
    fcntl($lock, F_SETFD, 0);    # the program has the lock too: no second one while it is there
    my @words;
    for my $i (0 .. $#$names) {
        my $in_folder = $names->[$i] =~ /^--(save|export|confusion|report|weights|mistakes)$/;
        push @words, $names->[$i], $in_folder ? "$at/$values[$i]" : $values[$i];
    }
    push @words, '--threads', $threads unless grep { $_ eq '--threads' } @$names;
    my $began = time;
    push @words, '--csv', "$at/curve.csv", '--checkpoint', "$at/run.ckpt", qw(--resume auto --quiet);
    my $code = status_of("$at/log", $ENV{MLP_TRAIN}, @words);
    my $seconds = sprintf '%.2f', time - $began;
    return $code if $code == 129 || $code == 130 || $code == 137 || $code == 143;    # interrupted: to be continued

    my ($message) = $code == 0 ? '' : text_of("$at/log") =~ /([^\n]*)\n*\z/;
    $message =~ s/^mlp-train: //;
    $message = 'ended by signal ' . ($code - 128) if $code > 128;
    my $host = $ENV{SLURMD_NODENAME} || $ENV{PARALLEL_SSHHOST} || ':';
    $host =~ s/^:/(POSIX::uname())[1]/e;
    my @cells = ($number, @values, summary_of("$at/curve.csv"), $seconds, $host, $code, $message);
    my $row = join(',', map { cell($_) } @cells) . "\n";
    my $table = locked("$dir/results.lock");
    my $again = -s "$at/row" || !-s "$dir/results.csv";    # the older row is replaced
    put('>', "$at/row", $row);
    if ($again) { collect() }
    else { put('>>', "$dir/results.csv", $row) }
    if ($code == 0) {
        put('>', "$at/done", '');
        unlink "$at/run.ckpt";
    }
    return 0;
}

if (!@numbers) {
    my $table = locked("$dir/results.lock");
    collect();
    exit 0;
}
$SIG{CHLD} = 'DEFAULT';
for my $signal (qw(TERM HUP INT)) {    # for the whole process group: the program ends in order, and this waits for it
    $SIG{$signal} = sub { $stop = 1 } unless ($SIG{$signal} // '') eq 'IGNORE';
}
my @runs = split /\n/, text_of("$dir/runs.tsv");
for my $number (@numbers) {
    exit 130 if $stop;
    my $status = run($number, [ split /\t/, $runs[0] ], split /\t/, $runs[$number]);
    exit $status if $status;
}
