# Completion of vswitch, vplug, vns, vslirp and vswitch-tapd for bash and zsh: source this file.
# DocumentsTest makes it from what picocli generates.

if [ -n "$BASH_VERSION" ]; then
  # Enable programmable completion facilities when using bash
  shopt -s progcomp
elif [ -n "$ZSH_VERSION" ]; then
  # Make alias a distinct command for completion purposes when using zsh
  setopt COMPLETE_ALIASES
  alias compopt=complete

  # Enable bash completion in zsh
  # Only initialize completions module once to avoid unregistering existing completions.
  if ! type compdef > /dev/null; then
    autoload -U +X compinit && compinit
  fi
  autoload -U +X bashcompinit && bashcompinit
fi

# Bash completion entry point function.
# _complete_vns finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_vns() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).

  # Find the longest sequence of subcommands and call the bash function for that subcommand.


  # No subcommands were specified; generate completions for the top-level command.
  _picocli_vns; return $?;
}

# Generates completions for the options and subcommands of the `vns` command.
function _picocli_vns() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}

  local commands=""
  local flag_opts="'-h' '--help' '-v' '--version' '--no-dhcp'"
  local arg_opts=""

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `vns`, `vns.sh`, and `vns.bash` commands.
# Uses the bash `complete` builtin to specify that shell function
# `_complete_vns` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_vns -o default vns vns.sh vns.bash

# Bash completion entry point function.
# _complete_vplug finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_vplug() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).

  # Find the longest sequence of subcommands and call the bash function for that subcommand.


  # No subcommands were specified; generate completions for the top-level command.
  _picocli_vplug; return $?;
}

# Generates completions for the options and subcommands of the `vplug` command.
function _picocli_vplug() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}

  local commands=""
  local flag_opts="'-h' '--help' '-v' '--version'"
  local arg_opts=""

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `vplug`, `vplug.sh`, and `vplug.bash` commands.
# Uses the bash `complete` builtin to specify that shell function
# `_complete_vplug` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_vplug -o default vplug vplug.sh vplug.bash

# Bash completion entry point function.
# _complete_vslirp finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_vslirp() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).

  # Find the longest sequence of subcommands and call the bash function for that subcommand.


  # No subcommands were specified; generate completions for the top-level command.
  _picocli_vslirp; return $?;
}

# Generates completions for the options and subcommands of the `vslirp` command.
function _picocli_vslirp() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-v' '--version' '-d' '--daemon' '--v4' '--v6' '--disable_host_loopback' '--restricted' '--verbose'"
  local arg_opts="'-p' '--pidfile' '--host' '--addr' '--host6' '--addr6' '--dhcp' '--vnameserver' '--vnameserver6' '--resolv-conf' '--hostname' '--vdomainname' '--vdnssearch' '--mtu' '--mru' '--mac' '--host-loopback' '--flows' '--thread' '--tftp_server_name' '--tftp_path' '--bootfile' '--tcpfwd' '--udpfwd' '--unixfwd' '--cmdfwd'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '-p'|'--pidfile')
      return
      ;;
    '--host'|'--addr')
      return
      ;;
    '--host6'|'--addr6')
      return
      ;;
    '--dhcp')
      return
      ;;
    '--vnameserver')
      return
      ;;
    '--vnameserver6')
      return
      ;;
    '--resolv-conf')
      return
      ;;
    '--hostname')
      return
      ;;
    '--vdomainname')
      return
      ;;
    '--vdnssearch')
      return
      ;;
    '--mtu')
      return
      ;;
    '--mru')
      return
      ;;
    '--mac')
      return
      ;;
    '--host-loopback')
      return
      ;;
    '--flows')
      return
      ;;
    '--thread')
      return
      ;;
    '--tftp_server_name')
      return
      ;;
    '--tftp_path')
      return
      ;;
    '--bootfile')
      return
      ;;
    '--tcpfwd')
      return
      ;;
    '--udpfwd')
      return
      ;;
    '--unixfwd')
      return
      ;;
    '--cmdfwd')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `vslirp`, `vslirp.sh`, and `vslirp.bash` commands.
# Uses the bash `complete` builtin to specify that shell function
# `_complete_vslirp` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_vslirp -o default vslirp vslirp.sh vslirp.bash

# Bash completion entry point function.
# _complete_vswitch finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_vswitch() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).

  # Find the longest sequence of subcommands and call the bash function for that subcommand.


  # No subcommands were specified; generate completions for the top-level command.
  _picocli_vswitch; return $?;
}

# Generates completions for the options and subcommands of the `vswitch` command.
function _picocli_vswitch() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-x' '--hub' '-F' '--fstp' '-v' '--version' '-d' '--daemon' '--nostdin'"
  local arg_opts="'-n' '--numports' '--hashsize' '--macaddr' '--priority' '--vm' '-s' '--sock' '--vdesock' '--unix' '-m' '--mod' '--mode' '--dirmode' '-g' '--group' '-p' '--pidfile' '-f' '--rcfile' '-M' '--mgmt' '--mgmtmode' '--mgmtgroup' '-D' '--debugclients' '-t' '--tap' '--link' '--slirp' '--guard' '--userplugs' '--userports' '--threads'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '-n'|'--numports')
      return
      ;;
    '--hashsize')
      return
      ;;
    '--macaddr')
      return
      ;;
    '--priority')
      return
      ;;
    '--vm')
      return
      ;;
    '-s'|'--sock'|'--vdesock'|'--unix')
      return
      ;;
    '-m'|'--mod'|'--mode')
      return
      ;;
    '--dirmode')
      return
      ;;
    '-g'|'--group')
      return
      ;;
    '-p'|'--pidfile')
      return
      ;;
    '-f'|'--rcfile')
      return
      ;;
    '-M'|'--mgmt')
      return
      ;;
    '--mgmtmode')
      return
      ;;
    '--mgmtgroup')
      return
      ;;
    '-D'|'--debugclients')
      return
      ;;
    '-t'|'--tap')
      return
      ;;
    '--link')
      return
      ;;
    '--slirp')
      return
      ;;
    '--guard')
      return
      ;;
    '--userplugs')
      return
      ;;
    '--userports')
      return
      ;;
    '--threads')
      return
      ;;
  esac

  if [[ ${COMP_CWORD} == 1 ]]; then
    commands="attach-help"
  elif [[ "${COMP_WORDS[1]}" == attach-help ]]; then
    if [[ ${COMP_CWORD} == 2 ]]; then
      COMPREPLY=( $(compgen -W "qemu qemu-server qemu-dgram qemu-vde qemu-vhost libvirt libvirt-udp libvirt-stream uml uml-bess libvirt-vhost firecracker cloud-hypervisor cloud-hypervisor-vhost crosvm crosvm-vhost libkrun vfkit lima virtualbox passt slirp4netns" -- "${curr_word}") )
    else
      COMPREPLY=( $(compgen -f -- "${curr_word}") )
    fi
    return
  fi

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `vswitch`, `vswitch.sh`, and `vswitch.bash` commands.
# Uses the bash `complete` builtin to specify that shell function
# `_complete_vswitch` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_vswitch -o default vswitch vswitch.sh vswitch.bash

# Bash completion entry point function.
# _complete_vswitch-tapd finds which commands and subcommands have been specified
# on the command line and delegates to the appropriate function
# to generate possible options and subcommands for the last specified subcommand.
function _complete_vswitch-tapd() {
  # Edge case: if command line has no space after subcommand, then don't assume this subcommand is selected (remkop/picocli#1468).

  # Find the longest sequence of subcommands and call the bash function for that subcommand.


  # No subcommands were specified; generate completions for the top-level command.
  _picocli_vswitch-tapd; return $?;
}

# Generates completions for the options and subcommands of the `vswitch-tapd` command.
function _picocli_vswitch-tapd() {
  # Get completion data
  local curr_word=${COMP_WORDS[COMP_CWORD]}
  local prev_word=${COMP_WORDS[COMP_CWORD-1]}

  local commands=""
  local flag_opts="'-h' '--help' '-v' '--version'"
  local arg_opts="'--policy' '--socket' '--mode' '--group'"

  type compopt &>/dev/null && compopt +o default

  case ${prev_word} in
    '--policy')
      return
      ;;
    '--socket')
      return
      ;;
    '--mode')
      return
      ;;
    '--group')
      return
      ;;
  esac

  if [[ "${curr_word}" == -* ]]; then
    COMPREPLY=( $(compgen -W "${flag_opts} ${arg_opts}" -- "${curr_word}") )
  else
    local positionals=""
    local IFS=$'\n'
    COMPREPLY=( $(compgen -W "${commands// /$'\n'}${IFS}${positionals}" -- "${curr_word}") )
  fi
}

# Define a completion specification (a compspec) for the
# `vswitch-tapd`, `vswitch-tapd.sh`, and `vswitch-tapd.bash` commands.
# Uses the bash `complete` builtin to specify that shell function
# `_complete_vswitch-tapd` is responsible for generating possible completions for the
# current word on the command line.
# The `-o default` option means that if the function generated no matches, the
# default Bash completions and the Readline default filename completions are performed.
complete -F _complete_vswitch-tapd -o default vswitch-tapd vswitch-tapd.sh vswitch-tapd.bash
