// SPDX-License-Identifier: MIT
#include "board.hpp"

int main();

extern "C" {
extern std::uint32_t stack_end[], data_begin[], data_end[], data_in_flash[], bss_begin[], bss_end[];
extern void (*constructors_begin[])();
extern void (*constructors_end[])();
}

namespace board {
namespace {

constexpr std::uint32_t paint = 0xA5A5'5A5A;
// Registers of the core: the timer's control, its reload value and its count; which coprocessors may be used.
volatile std::uint32_t* const timer = reinterpret_cast<volatile std::uint32_t*>(0xE000'E010);
volatile std::uint32_t* const coprocessors = reinterpret_cast<volatile std::uint32_t*>(0xE000'ED88);

std::uint32_t call_host(std::uint32_t operation, const void* argument) {
  register std::uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

/// Ten instructions a round, and a few around them.
[[gnu::noinline]] void run_rounds(std::uint32_t count) {
  asm volatile("1: nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n subs %0, %0, #1\n bne 1b" : "+r"(count) : : "cc");
}

}  // namespace

void print(const char* text) { call_host(0x04, text); }  // SYS_WRITE0

void print(std::int32_t number) {
  char text[12];
  char* at = text + sizeof text;
  *--at = 0;
  std::uint32_t rest = number < 0 ? 0u - std::uint32_t(number) : std::uint32_t(number);
  do *--at = char('0' + rest % 10);
  while (rest /= 10);
  if (number < 0) *--at = '-';
  print(at);
}

void end(int status) {
  const std::uint32_t block[] = {0x20026, std::uint32_t(status)};  // ADP_Stopped_ApplicationExit
  call_host(0x20, block);                                          // SYS_EXIT_EXTENDED
  for (;;) {
  }
}

std::uint32_t stack_bytes() {
  const std::uint32_t* at = bss_end;
  while (at != stack_end && *at == paint) at++;
  return std::uint32_t(stack_end - at) * 4;
}

Stopwatch::Stopwatch() {
  timer[1] = 0xFF'FFFF;
  timer[2] = 0;
  timer[0] = 5;  // the core's clock, no interrupt
}
std::uint32_t Stopwatch::ticks() const { return 0xFF'FFFF - timer[2]; }

std::uint32_t instructions_in(std::uint32_t ticks) {
  constexpr std::uint32_t rounds = 100'000;
  const Stopwatch watch;
  run_rounds(rounds);
  return std::uint32_t(std::uint64_t(ticks) * rounds * 10 / watch.ticks());
}

}  // namespace board

extern "C" {

[[noreturn]] void fault() {
  board::print("a fault of the processor\n");
  board::end(3);
}

[[noreturn]] void run_program() {
  for (std::uint32_t *to = data_begin, *from = data_in_flash; to != data_end;) *to++ = *from++;
  for (std::uint32_t* to = bss_begin; to != bss_end;) *to++ = 0;
  for (auto* constructor = constructors_begin; constructor != constructors_end; constructor++) (*constructor)();
  board::end(main());
}

/// Paints the stack, of which nothing is in use yet, and enables floating point.
[[gnu::naked, noreturn]] void reset() {
  asm volatile(R"(
    ldr r0, =bss_end
    ldr r1, =stack_end
    ldr r2, =0xA5A55A5A
  1:
    cmp r0, r1
    beq 2f
    str r2, [r0], #4
    b 1b
  2:
    ldr r0, =0xE000ED88
    ldr r1, [r0]
    orr r1, r1, #0xF00000
    str r1, [r0]
    dsb
    isb
    b run_program
    .ltorg
  )");
}

/// The initial stack pointer, the reset, and faults.
[[gnu::used, gnu::section(".vectors")]] const void* const vectors[] = {
    stack_end,
    reinterpret_cast<const void*>(&reset),
    reinterpret_cast<const void*>(&fault),
    reinterpret_cast<const void*>(&fault),
    reinterpret_cast<const void*>(&fault),
    reinterpret_cast<const void*>(&fault),
    reinterpret_cast<const void*>(&fault),
};
}
