# bash completion of vppsh and vppengine

_vppsh() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} mode=console each
    for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $each in replay|lab|browse) mode=$each; break ;; esac
    done
    COMPREPLY=()
    case $before in
        -s|--socket|--vpp|-f|--file|--config|--startup|--cli-listen|--lab|--diagram)
            mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --profile) mapfile -t COMPREPLY < <(compgen -W "18.01 18.10" -- "$word"); return ;;
        --input|--output|--trace|--show) return ;;
    esac
    local options
    case $mode in
        replay) options="--help --profile --startup --config --lab --input --output --trace --diagram --show --strict
            --no-strict --json" ;;
        browse) options="--help --profile --startup --config --lab --input --trace" ;;
        lab) options="--help --file" ;;
        *) options="--help --socket --vpp --file --json --strict --no-strict --profile --startup replay lab browse" ;;
    esac
    if [[ $mode != console && $mode != replay && $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    fi
}

_vppengine() {
    local word=${COMP_WORDS[COMP_CWORD]}
    case ${COMP_WORDS[COMP_CWORD-1]} in
        --log-format) mapfile -t COMPREPLY < <(compgen -W "text json" -- "$word") ;;
        --log-level) mapfile -t COMPREPLY < <(compgen -W "debug info warning error" -- "$word") ;;
        --config|--lab|--socket|--cli-listen|--startup|--log) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        --profile) mapfile -t COMPREPLY < <(compgen -W "18.01 18.10" -- "$word") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "--help --config --lab --socket --cli-listen --profile --startup
            --live --log --log-format --log-level --metrics --attached" -- "$word") ;;
    esac
}

complete -o filenames -F _vppsh vppsh
complete -o filenames -F _vppengine vppengine
