#pragma once
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

// The buffer that libmsgpack's packer writes into. Its write callback is a constant here, in the same translation unit as
// libmsgpack's inline pack functions, so that the compiler sees through it: an integer is packed with plain stores instead
// of an indirect call.

enum {
  packing_failure_none = 0,
  packing_failure_memory = 1,
  packing_failure_size = 2,
};

typedef struct packing_buffer {
  char *base;
  size_t count;
  size_t capacity;
  // The first failure sticks, and nothing is written after it: a header must not stand without its body.
  int failure;
  int enclosing_depth;
} packing_buffer;

__attribute__((noinline, unused)) static int packing_buffer_grow(packing_buffer *buffer, size_t length) {
  size_t wanted = buffer->count + length;
  size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
  // Half a terabyte is no message; asking malloc for it would only end the process under a sanitizer.
  if (wanted < length || wanted > (SIZE_MAX > UINT32_MAX ? SIZE_MAX >> 25 : SIZE_MAX >> 1)) {
    buffer->failure = packing_failure_memory;
    return -1;
  }
  while (capacity < wanted) capacity *= 2;
  char *base = (char *)realloc(buffer->base, capacity);
  if (base == NULL) {
    buffer->failure = packing_failure_memory;
    return -1;
  }
  buffer->base = base;
  buffer->capacity = capacity;
  return 0;
}

static inline packing_buffer *packing_buffer_new(void) {
  return (packing_buffer *)calloc(1, sizeof(packing_buffer));
}

static inline void packing_buffer_free(packing_buffer *buffer) {
  free(buffer->base);
  free(buffer);
}

// Makes room for `length` more bytes.
static inline void packing_buffer_reserve(packing_buffer *buffer, size_t length) {
  if (buffer->capacity - buffer->count < length) packing_buffer_grow(buffer, length);
}

static inline int packing_buffer_write(void *data, const char *bytes, size_t length) {
  packing_buffer *buffer = (packing_buffer *)data;
  if (buffer->failure != packing_failure_none) return -1;
  if (buffer->capacity - buffer->count < length && packing_buffer_grow(buffer, length) != 0) return -1;
  if (length != 0) memcpy(buffer->base + buffer->count, bytes, length);
  buffer->count += length;
  return 0;
}

static inline msgpack_packer packing_buffer_packer(packing_buffer *buffer) {
  msgpack_packer packer = {buffer, packing_buffer_write};
  return packer;
}

// MessagePack has 32-bit lengths; libmsgpack would write a longer one cut off.
static inline int packing_buffer_accepts(packing_buffer *buffer, size_t length) {
  if (length <= UINT32_MAX) return 1;
  if (buffer->failure == packing_failure_none) buffer->failure = packing_failure_size;
  return 0;
}

static inline void packing_buffer_nil(packing_buffer *buffer) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  msgpack_pack_nil(&packer);
}

static inline void packing_buffer_bool(packing_buffer *buffer, bool value) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (value) msgpack_pack_true(&packer); else msgpack_pack_false(&packer);
}

static inline void packing_buffer_int64(packing_buffer *buffer, int64_t value) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  msgpack_pack_int64(&packer, value);
}

static inline void packing_buffer_uint64(packing_buffer *buffer, uint64_t value) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  msgpack_pack_uint64(&packer, value);
}

static inline void packing_buffer_double(packing_buffer *buffer, double value) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  msgpack_pack_double(&packer, value);
}

static inline void packing_buffer_array(packing_buffer *buffer, size_t count) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (packing_buffer_accepts(buffer, count)) msgpack_pack_array(&packer, count);
}

static inline void packing_buffer_map(packing_buffer *buffer, size_t count) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (packing_buffer_accepts(buffer, count)) msgpack_pack_map(&packer, count);
}

static inline void packing_buffer_string(packing_buffer *buffer, const void *bytes, size_t length) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (!packing_buffer_accepts(buffer, length)) return;
  if (msgpack_pack_str(&packer, length) == 0) msgpack_pack_str_body(&packer, bytes, length);
}

static inline void packing_buffer_binary(packing_buffer *buffer, const void *bytes, size_t length) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (!packing_buffer_accepts(buffer, length)) return;
  if (msgpack_pack_bin(&packer, length) == 0) msgpack_pack_bin_body(&packer, bytes, length);
}

// The header only: the body is sent from elsewhere.
static inline void packing_buffer_binary_header(packing_buffer *buffer, size_t length) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (!packing_buffer_accepts(buffer, length)) return;
  msgpack_pack_bin(&packer, length);
}

static inline void packing_buffer_extension(packing_buffer *buffer, int8_t type, const void *bytes, size_t length) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  if (!packing_buffer_accepts(buffer, length)) return;
  if (msgpack_pack_ext(&packer, length, type) == 0) msgpack_pack_ext_body(&packer, bytes, length);
}

static inline void packing_buffer_timestamp(packing_buffer *buffer, int64_t seconds, uint32_t nanoseconds) {
  msgpack_packer packer = packing_buffer_packer(buffer);
  msgpack_timestamp timestamp = {seconds, nanoseconds};
  msgpack_pack_timestamp(&packer, &timestamp);
}
