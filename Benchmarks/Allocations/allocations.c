// Counts the heap allocations of a program: LD_PRELOAD=liballocations.so ALLOCATIONS_FILE=counts.json program …
//
// At exit, and at SIGUSR2, it writes one JSON object: the number of allocations, how many of them libzmq itself made
// (told by the address that called), and their bytes. Without ALLOCATIONS_FILE it writes to standard error.
//
// The functions are replaced, not wrapped through malloc hooks, which glibc no longer has. operator new is replaced too:
// seen from malloc, every allocation of a C++ library would come from libstdc++.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// glibc's own entry points: no dlsym, which allocates.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ullong total, in_libzmq, bytes;
static atomic_bool is_started;

// Callers are few: a small table from the calling address to whether it lies in libzmq makes dladdr a rare event.
// An entry is the address shifted by one, with the answer in the lowest bit.
enum { CALLERS = 8192 };
static _Atomic uintptr_t callers[CALLERS];

static bool is_libzmq(const void *caller) {
  if (!atomic_load_explicit(&is_started, memory_order_relaxed)) return false;
  uintptr_t key = (uintptr_t)caller;
  _Atomic uintptr_t *entry = &callers[(key ^ (key >> 13)) % CALLERS];
  uintptr_t known = atomic_load_explicit(entry, memory_order_relaxed);
  if (known >> 1 == key) return known & 1;
  Dl_info info;
  bool answer = dladdr(caller, &info) != 0 && info.dli_fname != NULL && strstr(info.dli_fname, "libzmq") != NULL;
  atomic_store_explicit(entry, key << 1 | answer, memory_order_relaxed);
  return answer;
}

static void count(size_t size, const void *caller) {
  atomic_fetch_add_explicit(&total, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
  if (is_libzmq(caller)) atomic_fetch_add_explicit(&in_libzmq, 1, memory_order_relaxed);
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size) {
  count(size, CALLER);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(number * size, CALLER);
  return __libc_calloc(number, size);
}

void *realloc(void *pointer, size_t size) {
  count(size, CALLER);
  return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size, CALLER);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(size, CALLER);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count(size, CALLER);
  void *pointer = __libc_memalign(alignment, size);
  if (pointer == NULL) return ENOMEM;
  *result = pointer;
  return 0;
}

// operator new(size_t), new[](size_t), and their nothrow forms. libstdc++'s operator delete calls free, as it does for
// its own. The throwing forms end the program instead, which a measured program does not notice.
static void *allocate_object(size_t size, const void *caller) {
  count(size, caller);
  void *pointer = __libc_malloc(size == 0 ? 1 : size);
  if (pointer == NULL) abort();
  return pointer;
}

void *_Znwm(size_t size) { return allocate_object(size, CALLER); }
void *_Znam(size_t size) { return allocate_object(size, CALLER); }
void *_ZnwmRKSt9nothrow_t(size_t size, const void *tag) {
  (void)tag;
  return allocate_object(size, CALLER);
}
void *_ZnamRKSt9nothrow_t(size_t size, const void *tag) {
  (void)tag;
  return allocate_object(size, CALLER);
}

static char *append(char *end, const char *text) {
  while (*text != '\0') *end++ = *text++;
  return end;
}

static char *append_number(char *end, unsigned long long number) {
  char digits[24];
  int length = 0;
  do {
    digits[length++] = (char)('0' + number % 10);
  } while ((number /= 10) != 0);
  while (length > 0) *end++ = digits[--length];
  return end;
}

// Nothing here allocates or locks: it also runs as a signal handler.
static void write_counts(void) {
  char line[160], *end = line;
  end = append_number(append(end, "{\"total\":"), atomic_load(&total));
  end = append_number(append(end, ",\"libzmq\":"), atomic_load(&in_libzmq));
  end = append_number(append(end, ",\"bytes\":"), atomic_load(&bytes));
  end = append(end, "}\n");
  const char *path = getenv("ALLOCATIONS_FILE");
  int descriptor = path == NULL ? STDERR_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return;
  if (write(descriptor, line, (size_t)(end - line)) < 0) return;
  if (path != NULL) close(descriptor);
}

static void handle_signal(int number) {
  (void)number;
  int saved = errno;
  write_counts();
  errno = saved;
}

__attribute__((constructor)) static void start(void) {
  // Only the program itself is counted, not what it starts.
  unsetenv("LD_PRELOAD");
  struct sigaction action = {.sa_handler = handle_signal, .sa_flags = SA_RESTART};
  sigaction(SIGUSR2, &action, NULL);
  atomic_store(&is_started, true);
}

__attribute__((destructor)) static void finish(void) { write_counts(); }
