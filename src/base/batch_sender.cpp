#include "base/batch_sender.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "base/assert.hpp"

namespace banter::base {

BatchSender::BatchSender() {
  io_uring_params parameters{};
  // Both need Linux 6.1; an older kernel refuses them, and then plain sends are as good.
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  available_ = io_uring_queue_init_params(entries, &ring_, &parameters) == 0;
  if (available_) (void)io_uring_register_ring_fd(&ring_);  // saves a lookup per call, if it can be
}

BatchSender::~BatchSender() {
  if (available_) io_uring_queue_exit(&ring_);
}

void BatchSender::add(int socket, std::string_view bytes) {
  if (done_) results_.clear();
  done_ = false;
  ASSERT(results_.size() < entries, "the reactor runs a full batch before it adds to it");
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  ASSERT(entry != nullptr, "the ring has room for a batch");
  io_uring_prep_send(entry, socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  io_uring_sqe_set_data64(entry, results_.size());
  results_.push_back(0);
}

const std::vector<int>& BatchSender::run() {
  std::size_t left = results_.size();
  while (left > 0) {
    const int submitted = io_uring_submit_and_wait(&ring_, static_cast<unsigned>(left));
    ASSERT(submitted >= 0 || submitted == -EINTR || submitted == -EAGAIN || submitted == -EBUSY,
           "the ring is ours and intact");
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      results_[completion->user_data] = completion->res;
      ++seen;
    }
    io_uring_cq_advance(&ring_, seen);
    left -= seen;
  }
  done_ = true;
  return results_;
}

}  // namespace banter::base
