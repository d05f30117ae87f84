#include <algorithm>
#include <cstring>

#include "net/linux/netlink.h"

namespace lvs::linux_net {

Request::Request(std::uint16_t type, std::uint16_t flags)
    : header_(mnl_nlmsg_put_header(buffer_.data())) {
  header_->nlmsg_type = type;
  header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

Request& Request::attr(std::uint16_t type, std::string_view text) {
  const std::string terminated(text);
  return put(type, terminated.c_str(), terminated.size() + 1);
}

Request& Request::attr(std::uint16_t type, const IpAddr& addr) {
  if (!addr.is_v4()) return put(type, addr.v6().octets().data(), addr.v6().octets().size());
  const std::uint32_t number = addr.v4().number();
  const std::array<std::uint8_t, 4> octets{
      static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
      static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  return put(type, octets.data(), octets.size());
}

Request& Request::attr(std::uint16_t type, const MacAddr& mac) {
  return put(type, mac.octets().data(), mac.octets().size());
}

nlattr* Request::begin_nest(std::uint16_t type) {
  nlattr* nest = mnl_attr_nest_start_check(header_, buffer_.size(), type);
  complete_ = complete_ && nest != nullptr;
  return nest;
}

void Request::end_nest(nlattr* nest) {
  if (nest != nullptr) mnl_attr_nest_end(header_, nest);
}

Request& Request::raw(std::span<const std::uint8_t> bytes) {
  const std::size_t aligned = (bytes.size() + 3) & ~std::size_t{3};
  complete_ = complete_ && header_->nlmsg_len + aligned <= buffer_.size();
  if (!complete_) return *this;
  std::ranges::copy(bytes, buffer_.begin() + header_->nlmsg_len);
  header_->nlmsg_len += static_cast<std::uint32_t>(aligned);
  return *this;
}

std::span<const std::uint8_t> Request::bytes() const {
  return std::span(buffer_).first(header_->nlmsg_len);
}

Request& Request::put(std::uint16_t type, const void* data, std::size_t size) {
  // An attribute's length has 16 bits, and kMaxBytes is below that: what fits here fits there.
  complete_ = complete_ && size < kMaxBytes &&
              mnl_attr_put_check(header_, buffer_.size(), type, size, data);
  return *this;
}

}  // namespace lvs::linux_net
