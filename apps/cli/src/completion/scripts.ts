export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The hidden command that the scripts ask: `gradus __complete <shell> <words up to the cursor>`. */
export const COMPLETE = "__complete";

const bash = `# Completion of gradus for Bash. In ~/.bashrc: eval "$(gradus completion bash)"
_gradus() {
  local value about
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    if [[ -z $value ]]; then compopt +o default; else COMPREPLY+=("$value"); fi
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _gradus gradus
`;

const zsh = `#compdef gradus
# Completion of gradus for Zsh. In ~/.zshrc, after compinit: source <(gradus completion zsh)
_gradus() {
  local line
  local -a lines values displays
  lines=("\${(@f)$("\${words[1]}" ${COMPLETE} zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ \${lines[1]} == $'\\t' ]] && return
  for line in "\${lines[@]}"; do
    [[ -z $line ]] && continue
    values+=("\${line%%$'\\t'*}")
    displays+=("\${line/$'\\t'/  }")
  done
  if (( \${#values} == 0 )); then
    _files
  elif (( \${#values} == 1 )) && [[ \${values[1]} == *= ]]; then
    compadd -S '' -- "\${values[@]}"
  else
    compadd -l -d displays -- "\${values[@]}"
  fi
}
compdef _gradus gradus
`;

const fish = `# Completion of gradus for fish. Once: gradus completion fish > ~/.config/fish/completions/gradus.fish
function __gradus_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ""
    set -l found ($words[1] ${COMPLETE} fish $words[2..-1] $current 2>/dev/null)
    if test "$found" = \\t
        return
    else if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path $current
    end
end
complete -c gradus -f -a '(__gradus_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

/** The script that teaches a shell to complete this program's command lines. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}
