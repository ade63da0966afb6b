# SPDX-License-Identifier: MIT
# What the scripts measure.sh source: compiles a program for a board, runs it on QEMU, and says what it takes.
embed=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fail() { printf 'measure.sh: %s\n' "$*" >&2; exit 1; }

for tool in arm-none-eabi-g++ qemu-system-arm; do
  command -v $tool >/dev/null ||
    fail "$tool is missing: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-system-arm"
done
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

run_on() {  # run_on CORE BOARD SOURCE FLAG...: sets weights, other, ram (bytes); said() has what the program printed
  local core=$1 board=$2 source=$3 text data bss
  shift 3
  arm-none-eabi-g++ -std=c++20 -mcpu="$core" -mthumb -mfloat-abi=hard "$@" -fno-exceptions -fno-rtti -ffunction-sections \
    -fdata-sections -I"$embed/../../include" "$source" "$embed/microcontroller/board.cpp" --specs=nano.specs \
    --specs=nosys.specs -nostartfiles -T "$embed/microcontroller/board.ld" -Wl,--gc-sections -o "$build/program.elf"
  qemu-system-arm -M "$board" -nographic -semihosting -icount shift=0 -kernel "$build/program.elf" >"$build/said" 2>&1
  read -r text data bss _ < <(arm-none-eabi-size "$build/program.elf" | tail -n 1)
  weights=$((16#$(arm-none-eabi-nm -S "$build/program.elf" | awk '$4 ~ /^strata_weights_/ { print $2 }')))
  other=$((text + data - weights)) ram=$((data + bss))
}
said() { awk -v word="$1" '$1 == word { print $2 }' "$build/said"; }  # said WORD: what follows it on its line
