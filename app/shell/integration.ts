import { type OwnCommand, ownCommand } from './own-command.ts';
import type { ShellName } from './shells.ts';

/** {@link integrationText} for a name, by default for both under which the program is installed. */
export async function integration(
  shell: ShellName,
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const names = name === undefined ? ['wt', 'coppice'] : [name];
  const commands = await Promise.all(names.map((one) => ownCommand(one, shell, env)));
  return commands.map((command) => integrationText(shell, command)).join('\n');
}

/**
 * What a shell reads once at its start: a function that runs the program and then changes to the folder that the
 * program left in COPPICE_FOLDER_FILE, and the completion. Static text: no program runs until the function is called.
 */
function integrationText(shell: ShellName, command: OwnCommand): string {
  return `${texts[shell](command).trim()}\n`;
}

const texts: Readonly<Record<ShellName, (command: OwnCommand) => string>> = {
  bash: (command) => `${posixFunction(command)}\n${bashCompletion(command)}`,
  zsh: (command) => `${posixFunction(command)}\n${zshCompletion(command)}`,
  fish: (command) => `${fishFunction(command)}\n${fishCompletion(command)}`,
};

/** `command` and `builtin`: some have an alias or a function for `cd` and `rm`. */
function posixFunction({ name, start }: OwnCommand): string {
  return `
unalias ${name} 2>/dev/null || true
function ${name} {
  local wt_file wt_folder='' wt_code=0
  wt_file=$(command mktemp "\${TMPDIR:-/tmp}/wt-folder.XXXXXXXXXX") || { ${start} "$@"; return; }
  COPPICE_FOLDER_FILE=$wt_file ${start} "$@" || wt_code=$?
  if [[ -s $wt_file ]]; then wt_folder=$(<"$wt_file"); fi
  command rm -f -- "$wt_file"
  if [[ $wt_folder == /* && -d $wt_folder && $wt_folder != "$PWD" ]]; then
    builtin cd -- "$wt_folder" || wt_code=$?
  fi
  return $wt_code
}`;
}

function fishFunction({ name, start }: OwnCommand): string {
  return `
function ${name} --description 'a worktree and its environment'
  set -l wt_file (command mktemp (test -n "$TMPDIR"; and echo "$TMPDIR"; or echo /tmp)/wt-folder.XXXXXXXXXX)
  or begin
    ${start} $argv
    return
  end
  COPPICE_FOLDER_FILE=$wt_file ${start} $argv
  set -l wt_code $status
  set -l wt_folder (command cat -- $wt_file | string collect)
  command rm -f -- $wt_file
  if string match -q -- '/*' "$wt_folder"; and test -d "$wt_folder"; and test "$wt_folder" != "$PWD"
    builtin cd -- "$wt_folder"
    or set wt_code $status
  end
  return $wt_code
end`;
}

/** The first line of the answer says how the shell treats the others. */
function bashCompletion({ name, start }: OwnCommand): string {
  return `
function _${identifier(name)}_complete {
  local wt_answer wt_line wt_first=''
  COMPREPLY=()
  wt_answer=$(${start} __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null) || return 0
  while IFS= read -r wt_line; do
    if [[ -z $wt_first ]]; then wt_first=$wt_line
    else COMPREPLY+=("$wt_line"); fi
  done <<<"$wt_answer"
  case $wt_first in
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
  return 0
}
if type compopt >/dev/null 2>&1; then complete -o nosort -F _${identifier(name)}_complete ${name} 2>/dev/null || complete -F _${identifier(name)}_complete ${name}
else complete -o default -F _${identifier(name)}_complete ${name}; fi`;
}

/** Where compinit has not run yet, the first prompt after it has registers the function. */
function zshCompletion({ name, start }: OwnCommand): string {
  const id = identifier(name);
  return `
function _${id}_complete {
  local -a wt_answer wt_values wt_shown
  local wt_line wt_value wt_meaning
  wt_answer=("\${(@f)$(${start} __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}") || return 1
  case $wt_answer[1] in
    files) _files; return ;;
    folders) _files -/; return ;;
  esac
  for wt_line in "\${(@)wt_answer[2,-1]}"; do
    wt_value=\${wt_line%%$'\\t'*}
    wt_meaning=\${wt_line#*$'\\t'}
    wt_values+=("$wt_value")
    if [[ -n $wt_meaning && $wt_line == *$'\\t'* ]]; then wt_shown+=("\${wt_value//:/\\\\:}:$wt_meaning")
    else wt_shown+=("\${wt_value//:/\\\\:}"); fi
  done
  (( $#wt_values )) || return 1
  _describe -V -t values ${name} wt_shown
}
function _${id}_register {
  (( $+functions[compdef] )) || return 0
  compdef _${id}_complete ${name}
  precmd_functions=(\${precmd_functions:#_${id}_register})
}
typeset -ga precmd_functions
if (( $+functions[compdef] )); then compdef _${id}_complete ${name}
else precmd_functions+=(_${id}_register); fi`;
}

function fishCompletion({ name, start }: OwnCommand): string {
  const id = identifier(name);
  return `
function _${id}_complete
  set -l wt_words (commandline -opc) 
  set -l wt_answer (${start} __complete fish $wt_words[2..-1] (commandline -ct | string collect) 2>/dev/null)
  or return
  switch "$wt_answer[1]"
    case files
      __fish_complete_path (commandline -ct)
    case folders
      __fish_complete_directories (commandline -ct) ''
    case '*'
      test (count $wt_answer) -gt 1; and printf '%s\\n' $wt_answer[2..-1]
  end
end
complete --command ${name} --erase
complete --command ${name} --no-files --keep-order --arguments '(_${id}_complete)'`;
}

/** What a name becomes as a part of a function's name. */
function identifier(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '_');
}
