# Runs on a student's machine, as root: shows the terminal of the class, read-only, and says so on it.
# Words: watch or join; then in French and English what the student reads while somebody watches, while
# somebody asks to type, and while somebody types. How it ended is the exit code, see watching.py.
set -eu
asked=$1 watches_fr=$2 watches_en=$3 asks_fr=$4 asks_en=$5 types_fr=$6 types_en=$7
terminal='=class:' hook='client-detached[77]'
tmux has-session -t "$terminal" 2> /dev/null || exit 3
infocmp "$TERM" > /dev/null 2>&1 || TERM=xterm-256color
export TERM
own=$(tty)

# The kernel lets go of these locks, however this ends. All who watch share the first one, the second is
# of the one who joins: the student's keys end that one, so there must be no other.
exec 8> /run/class-join.lock 9> /run/class-watch.lock
[ "$asked" = watch ] || flock -w 2 8 || exit 6
flock -s -w 5 9

say() {
    tmux set-option -t "$terminal" 'status-format[1]' "#[reverse]$1" \; \
        set-option -t "$terminal" 'status-format[2]' "#[reverse]$2"
}

# What the student sees stands first: without it nobody watches. Where somebody joins, that is said still.
tmux set-option -t "$terminal" 'status-format[0]' "$(tmux show-options -gv 'status-format[0]')"
if [ "$asked" = join ]; then
    say "$asks_fr" "$asks_en"
elif flock -n 8; then
    say "$watches_fr" "$watches_en"
    flock -u 8
fi
tmux set-option -t "$terminal" status 3

if [ "$asked" = join ]; then
    before=$(tmux list-keys -T prefix | grep -E '^bind-key( -r)? +-T prefix +(J|N|C-b) ') || :
    tmux set-option -t "$terminal" @ended '' \; \
        set-option -t "$terminal" @agreed ''
    # The student's keys must count at any time. tmux takes fast keys for a paste, also where the teacher's
    # stand between the student's, and lets no binding see them; a Ctrl+B too many is not the shell's; and
    # who has another prefix has Ctrl+B all the same.
    tmux set-option -t "$terminal" assume-paste-time 0 \; \
        bind-key -T root C-b switch-client -T prefix \; \
        bind-key -T prefix C-b switch-client -T prefix
    # A client that only reads can be let type by a key of the student's alone: its own keys do nothing.
    tmux bind-key -T prefix J unbind-key -T prefix J '\;' \
        switch-client -r -c "$own" '\;' refresh-client -t "$own" -f ignore-size '\;' \
        set-option -t "$terminal" @agreed yes '\;' \
        set-option -t "$terminal" 'status-format[1]' "#[reverse]$types_fr" '\;' \
        set-option -t "$terminal" 'status-format[2]' "#[reverse]$types_en"
    # From the moment a client is told to detach, tmux takes no key of it.
    tmux bind-key -T prefix N detach-client -t "$own" '\;' set-option -t "$terminal" @ended refused
    # Nobody is there any more who could end it. Whatever this says or ends with, tmux would show in the
    # place of the shell.
    tmux set-hook -t "$terminal" "$hook" "run-shell -b \"{
        tmux list-clients -t '$terminal' -F '##{client_flags}' | grep -qv ignore-size ||
        tmux detach-client -t $own ';' set-option -t '$terminal' @ended left; } > /dev/null 2>&1 || true\""
fi

# Also where the connection is cut, what comes then is done.
trap : HUP TERM
tmux -u attach-session -t "$terminal" -f read-only,ignore-size || :
ended='' agreed=''
if [ "$asked" = join ]; then
    ended=$(tmux show-options -qv -t "$terminal" @ended 2> /dev/null) || :
    agreed=$(tmux show-options -qv -t "$terminal" @agreed 2> /dev/null) || :
    {
        for option in assume-paste-time @ended @agreed; do
            echo "set-option -u -t $terminal $option"
        done
        echo "set-hook -u -t $terminal $hook"
        echo 'unbind-key -q -T root C-b; unbind-key -q -T prefix J; unbind-key -q -T prefix N'
        echo "unbind-key -q -T prefix C-b"
        echo "$before"
    } | tmux source-file - 2> /dev/null || :
    # An empty list of the session's own would hide the hooks that all sessions have.
    tmux show-hooks -t "$terminal" 2> /dev/null | grep -q '^client-detached\[' ||
        tmux set-hook -u -t "$terminal" client-detached 2> /dev/null || :
fi
# Of several who watch, the last one takes the words away: the one to whom nobody else is in the way.
if flock -n 9; then
    for option in status status-format; do
        tmux set-option -u -t "$terminal" "$option" 2> /dev/null || :
    done
elif [ "$asked" = join ]; then
    say "$watches_fr" "$watches_en" 2> /dev/null || :
fi
case $ended,$agreed in
    left,*) exit 7 ;;
    refused,yes) exit 5 ;;
    refused,*) exit 4 ;;
esac
