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

use_core() {  # use_core CORE: sets core, board (QEMU's), flags (of both compilers) and memory (of the linker)
  core=$1 memory="-Wl,--defsym=flash_bytes=0x400000"
  case $core in
    cortex-m4) board=mps2-an386 flags="-mfpu=fpv4-sp-d16" ;;
    cortex-m7) board=mps2-an500 flags="-mfpu=fpv5-d16" ;;
    cortex-m55) board=mps3-an547 flags="" memory="-Wl,--defsym=flash_bytes=0x12000000,--defsym=constants_at=0x11000000" ;;
    *) fail "there is no board with a $core; give cortex-m4, cortex-m7 or cortex-m55" ;;
  esac
  flags="-mcpu=$core -mthumb -mfloat-abi=hard $flags -ffunction-sections -fdata-sections -fstack-usage"
}

compile_c() {  # compile_c SOURCE OBJECT FLAG...
  local source=$1 object=$2
  shift 2
  # shellcheck disable=SC2086
  arm-none-eabi-gcc -std=c11 $flags "$@" -c "$source" -o "$object"
}

# Sets weights, other, ram (bytes) and frame, the bytes of the largest frame of a function that was compiled in; said() has what
# the program printed. weights: those of strata's header.
run_on_board() {  # run_on_board SOURCE FLAG...
  local source=$1 text data bss
  shift
  # shellcheck disable=SC2086
  arm-none-eabi-g++ -std=c++20 $flags "$@" -fno-exceptions -fno-rtti -I"$embed/../../include" "$source" \
    "$embed/microcontroller/board.cpp" --specs=nano.specs --specs=nosys.specs -nostartfiles -T "$embed/microcontroller/board.ld" \
    $memory -Wl,--gc-sections -o "$build/program.elf"
  qemu-system-arm -M "$board" -nographic -semihosting -icount shift=0 -kernel "$build/program.elf" >"$build/said" 2>&1
  read -r text data bss _ < <(arm-none-eabi-size "$build/program.elf" | tail -n 1)
  weights=$((16#0$(arm-none-eabi-nm -S "$build/program.elf" | awk '$4 ~ /^strata_weights_/ { print $2 }')))
  other=$((text + data - weights)) ram=$((data + bss))
  frame=$(cat "$build"/*.su | awk -F '\t' '{ if ($2 > most) most = $2 } END { print most }')
  rm -f "$build"/*.su
}
said() { awk -v word="$1" '$1 == word { print $2 }' "$build/said"; }  # said WORD: what follows it on its line
