. /usr/share/bash-completion/bash_completion; echo begun-$((1 + 1))
