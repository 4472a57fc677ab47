#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace penstock {

// Bytes that grow at their end. Unlike a vector it does not clear what it is about to fill, and growing a large one
// moves its pages instead of copying them. Never holds a null pointer once ensure() was called.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ~ByteBuffer() { std::free(bytes_); }
  ByteBuffer(ByteBuffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)), capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ByteBuffer(const ByteBuffer& other) { append(other.bytes_, other.size_); }
  ByteBuffer& operator=(const ByteBuffer& other) { return *this = ByteBuffer(other); }

  std::size_t size() const { return size_; }
  const char* data() const { return bytes_; }
  char* data() { return bytes_; }

  // Room for so many bytes in all.
  void ensure(std::size_t bytes) {
    if (bytes > capacity_ || !bytes_) grow(std::max<std::size_t>(bytes, 1));
  }
  void append(const void* bytes, std::size_t count) {
    if (count == 0) return;
    make_room(count);
    std::memcpy(bytes_ + size_, bytes, count);
    size_ += count;
  }
  void append(std::string_view bytes) { append(bytes.data(), bytes.size()); }
  template <typename T>
  void append_value(T value) {
    make_room(sizeof value);
    std::memcpy(bytes_ + size_, &value, sizeof value);
    size_ += sizeof value;
  }
  void append_zeros(std::size_t count) {
    if (count == 0) return;
    make_room(count);
    std::memset(bytes_ + size_, 0, count);
    size_ += count;
  }
  // To a size that is not larger.
  void shrink(std::size_t size) { size_ = size; }

 private:
  void make_room(std::size_t count) {
    if (size_ + count > capacity_) grow(std::max(size_ + count, capacity_ * 2));
  }
  void grow(std::size_t capacity) {
    void* larger = std::realloc(bytes_, capacity);
    if (!larger) throw std::bad_alloc();
    bytes_ = static_cast<char*>(larger);
    capacity_ = capacity;
  }

  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace penstock
