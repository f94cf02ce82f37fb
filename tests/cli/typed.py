"""typed.py SHELL START TEXT WANTED - a shell on a terminal that has run START shows each word of WANTED after TEXT was typed."""

import fcntl, os, pty, select, struct, sys, termios, time

shell, start, text, wanted = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="vt100", PS1="ready> ", HOME=os.getcwd(), INPUTRC="/dev/null", HISTFILE="/dev/null")
    os.execvp(shell, [shell] + {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[shell])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
seen = ""

def wait_for(what):
    global seen
    end = time.time() + 60
    while what not in seen and time.time() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
    return what in seen

os.write(terminal, (start + "; echo begun-$((1 + 1))\n").encode())
ok = wait_for("begun-2")
seen = seen.partition("begun-2")[2]
ok = ok and wait_for("ready> ")  # before, what is typed is not completed
seen = ""
os.write(terminal, text.encode())
ok = ok and all(wait_for(word) for word in wanted.split())
os.close(terminal)
if not ok:
    sys.exit(f"{shell}: after {text!r} no {wanted!r} in {seen!r}")
