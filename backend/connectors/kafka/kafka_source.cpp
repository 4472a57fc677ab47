#include "connectors/kafka/kafka_source.h"

#include <algorithm>

#include "connectors/kafka/message_headers.h"

namespace penstock::kafka {
namespace {

constexpr int kAskMs = 5'000;
constexpr int kProbeMs = 1'000;
constexpr int kWakeMs = 100;
constexpr int kQueueBackOffIsSet = 0x02020000;      // librdkafka 2.2
constexpr std::size_t kBatch = 10'000;
constexpr std::size_t kCutBytes = 64 << 10;
// A pattern asks for all topics of the cluster: so often at most while nothing has come.
constexpr std::chrono::seconds kLookEvery{5};

}  // namespace

Result<std::unique_ptr<Source>> KafkaSource::make(KafkaSourceConfig config) {
  PENSTOCK_ASSIGN(TopicPartitions topics, TopicPartitions::make(config.topic));
  std::unique_ptr<KafkaSource> source(new KafkaSource(std::move(config), std::move(topics)));
  const KafkaSourceConfig& settings = source->config_;
  // Counted as the broker keeps it, compressed: in the queue it is several times as much. A single message that is larger
  // the broker sends all the same.
  const std::string fetch = std::to_string(std::clamp<std::int64_t>(settings.queue_bytes / 4, 1 << 20, 50 << 20));
  Properties properties = settings.properties;
  const Properties own = {{"group.id", settings.group},
                          {"enable.auto.commit", "false"},
                          {"enable.auto.offset.store", "false"},
                          {"auto.offset.reset", "error"},
                          {"isolation.level", "read_committed"},
                          {"enable.partition.eof", "true"},
                          {"max.partition.fetch.bytes", fetch},
                          {"fetch.max.bytes", fetch},
                          // A message larger than allowed must still come, so that it can be reported and passed.
                          {"receive.message.max.bytes", "1000000000"},
                          {"queued.min.messages", "1000000"},
                          {"fetch.error.backoff.ms", "10"},
                          {"queued.max.messages.kbytes", std::to_string(std::max<std::int64_t>(settings.queue_bytes >> 10, 1024))}};
  properties.insert(properties.end(), own.begin(), own.end());
  if (rd_kafka_version() >= kQueueBackOffIsSet) properties.emplace_back("fetch.queue.backoff.ms", "10");
  PENSTOCK_ASSIGN(Conf conf, make_conf(properties));
  PENSTOCK_ASSIGN(source->client_, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  notes_of(source->client_).error = [self = source.get()](rd_kafka_resp_err_t code, const char* reason) { self->on_error(code, reason); };
  rd_kafka_poll_set_consumer(source->client_.get());
  source->queue_.reset(rd_kafka_queue_get_consumer(source->client_.get()));
  return std::unique_ptr<Source>(std::move(source));
}

KafkaSource::~KafkaSource() {
  drop_pending();
  // Going away the client calls on_error for what was not polled: before the members that it writes to are gone.
  queue_.reset();
  client_.reset();
}

void KafkaSource::on_error(rd_kafka_resp_err_t code, const char* reason) {
  const bool nobody = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
  if (nobody || (code == RD_KAFKA_RESP_ERR__TRANSPORT && broker_problem_.empty())) broker_problem_ = reason;
}

// A reader looks each time; one that only tells where partitions end need not ask for all topics each time.
Status KafkaSource::look(int timeout_ms) {
  const auto now = std::chrono::steady_clock::now();
  if (topics_.is_pattern() && readers_.empty() && looked_at_ != std::chrono::steady_clock::time_point() && now - looked_at_ < kLookEvery) return {};
  PENSTOCK_TRY(topics_.look(client_.get(), timeout_ms));
  looked_at_ = now;
  return {};
}

Result<rd_kafka_topic_partition_t*> KafkaSource::add_to(rd_kafka_topic_partition_list_t& list, std::int32_t number) const {
  const auto* place = topics_.place_of(number);
  if (!place) return Error(ErrorKind::not_found, "there is no partition " + topics_.name_of(number));
  return rd_kafka_topic_partition_list_add(&list, place->topic.c_str(), place->partition);
}

std::int32_t KafkaSource::number_of(const rd_kafka_message_t& message) {
  if (!topics_.is_pattern()) return message.partition;
  if (message.rkt != last_topic_) {
    last_topic_ = message.rkt;
    last_base_ = message.rkt ? topics_.base_of(rd_kafka_topic_name(message.rkt)) : 0;
  }
  return last_base_ + message.partition;
}

Result<PartitionRange> KafkaSource::ask_range(std::int32_t number) {
  PartitionRange range{.partition = number};
  const auto* place = topics_.place_of(number);
  if (!place) return Error(ErrorKind::not_found, "there is no partition " + topics_.name_of(number));
  const auto code = rd_kafka_query_watermark_offsets(client_.get(), place->topic.c_str(), place->partition, &range.earliest, &range.head, kAskMs);
  if (code) return error_of(code, "asking where " + topics_.name_of(number) + " begins and ends");
  return range;
}

Result<std::vector<PartitionRange>> KafkaSource::partitions() {
  PENSTOCK_TRY(look(kAskMs));
  std::vector<PartitionRange> ranges;
  for (const auto& [partition, place] : topics_.found()) {
    PENSTOCK_ASSIGN(PartitionRange range, ask_range(partition));
    // Behind the last record may come the marks of transactions: they are positions, but no lag.
    const auto reader = readers_.find(partition);
    if (reader != readers_.end() && reader->second.next && reader->second.end_seen && *reader->second.end_seen >= range.head)
      range.head = *reader->second.next;
    ranges.push_back(range);
  }
  return ranges;
}

Status KafkaSource::assign(const std::vector<Assignment>& assignments) {
  PENSTOCK_TRY(check_positions(assignments));
  drop_pending();
  readers_.clear();
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(assignments.size())));
  for (const Assignment& assignment : assignments) {
    PENSTOCK_ASSIGN(rd_kafka_topic_partition_t* added, add_to(*list, assignment.partition));
    added->offset = assignment.from.value_or(RD_KAFKA_OFFSET_BEGINNING);
    Reader& reader = readers_[assignment.partition];
    reader.next = assignment.from;
    reader.until = assignment.until;
    reader.ended = assignment.until && assignment.from && *assignment.from >= *assignment.until;
  }
  if (const auto code = rd_kafka_assign(client_.get(), list.get())) return error_of(code, "assigning partitions of " + config_.topic);
  return {};
}

Status KafkaSource::check_positions(const std::vector<Assignment>& assignments) {
  PENSTOCK_TRY(topics_.look(client_.get(), kAskMs));
  std::string lost;
  for (const Assignment& assignment : assignments) {
    const std::string name = topics_.name_of(assignment.partition);
    if (!topics_.found().contains(assignment.partition)) return Error(ErrorKind::not_found, "there is no partition " + name);
    if (!assignment.from) continue;
    PENSTOCK_ASSIGN(const PartitionRange range, ask_range(assignment.partition));
    if (*assignment.from < range.earliest)
      lost += (lost.empty() ? "" : "; ") + name + ": positions " + std::to_string(*assignment.from) + " to " + std::to_string(range.earliest - 1) +
              " are gone, the earliest held is " + std::to_string(range.earliest);
    if (*assignment.from > range.head)
      lost += (lost.empty() ? "" : "; ") + name + ": position " + std::to_string(*assignment.from) + " is asked for, but the topic ends at " +
              std::to_string(range.head) + ": it was cut or made anew";
  }
  if (lost.empty()) return {};
  return Error(ErrorKind::data_loss, lost, "restore the topic; or read the new one by a stream of another name", config_.topic);
}

Anchors KafkaSource::anchors() const {
  Anchors anchors;
  for (const auto& [partition, reader] : readers_)
    if (reader.last.offset >= 0) anchors[partition] = reader.last.to_text();
  return anchors;
}

Status KafkaSource::check(const Anchors& anchors) {
  if (anchors.empty()) return {};
  PENSTOCK_TRY(topics_.look(client_.get(), kAskMs));
  std::vector<AnchoredPartition> partitions;
  std::string gone;
  for (const auto& [partition, text] : anchors) {
    const auto last = RecordAnchor::parse(text);
    const auto place = topics_.found().find(partition);
    if (place == topics_.found().end()) gone += (gone.empty() ? "" : ", ") + topics_.name_of(partition);
    else if (last) partitions.push_back({place->second.topic, place->second.partition, *last});
  }
  Properties consumer = config_.properties;
  consumer.emplace_back("group.id", config_.group);
  PENSTOCK_TRY(check_anchors(consumer, partitions));
  if (!gone.empty()) return Error(ErrorKind::not_found, "there is no partition " + gone);
  return {};
}

Result<PollOutcome> KafkaSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  if (all_ended()) return PollOutcome::ended;
  last_topic_ = nullptr;
  const std::int64_t rows_before = out.rows();
  const std::stop_callback ends_the_wait(cancellation, [this] { rd_kafka_queue_yield(queue_.get()); });
  if (next_pending_ == pending_.size() && !cancellation.stop_requested()) fetch(limits);
  const Status taken = take_pending(limits, out);
  if (out.rows() > rows_before) return PollOutcome::rows;
  PENSTOCK_TRY(taken);
  if (all_ended()) return PollOutcome::ended;
  if (!broker_problem_.empty()) PENSTOCK_TRY(check_broker());
  return PollOutcome::idle;
}

// What has no partition yet may get some.
bool KafkaSource::all_ended() const {
  return !readers_.empty() && std::all_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader.second.ended; });
}

Status KafkaSource::check_broker() {
  // Metadata, because a question about offsets does not keep its time limit while no broker is there.
  const Status answer = topics_.look(client_.get(), kProbeMs);
  if (answer.ok()) {
    broker_problem_.clear();
    return {};
  }
  if (answer.error().kind != ErrorKind::unavailable) return answer.error();
  return Error(ErrorKind::unavailable, "the broker of " + config_.topic + " does not answer: " + broker_problem_);
}

// A client before kQueueBackOffIsSet whose queue was full looks once a second whether there is room again, which would be a gap in
// the flow: a question to the brokers wakes it before the queue is empty.
void KafkaSource::keep_fetching() {
  if (rd_kafka_version() >= kQueueBackOffIsSet) return;
  const auto queued = static_cast<std::int64_t>(rd_kafka_queue_length(queue_.get())) * message_bytes_;
  if (queued > config_.queue_bytes / 4 * 3) was_full_ = true;
  if (!was_full_ || queued > config_.queue_bytes / 2) return;
  was_full_ = false;
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(readers_.size())));
  for (const auto& [partition, reader] : readers_)
    if (const auto added = add_to(*list, partition); added.ok()) (*added)->offset = RD_KAFKA_OFFSET_END;
  // What it answers does not matter: a broker that does not is met when it is read.
  static_cast<void>(rd_kafka_offsets_for_times(client_.get(), list.get(), kWakeMs));
}

void KafkaSource::fetch(const PollLimits& limits) {
  drop_pending();
  keep_fetching();
  pending_.resize(std::min<std::size_t>(kBatch, static_cast<std::size_t>(std::max<std::int64_t>(limits.rows, 1))));
  // A batch call waits until the batch is full: so wait for one message, then take what else is there.
  auto got = rd_kafka_consume_batch_queue(queue_.get(), static_cast<int>(limits.wait.count()), pending_.data(), 1);
  if (got == 1 && pending_.size() > 1) {
    const auto more = rd_kafka_consume_batch_queue(queue_.get(), 0, pending_.data() + 1, pending_.size() - 1);
    got += std::max<ssize_t>(more, 0);
  }
  pending_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

Status KafkaSource::take_pending(const PollLimits& limits, RawBatch& out) {
  const std::int64_t rows_before = out.rows();
  std::size_t bytes = 0;
  for (std::size_t i = next_pending_; i < pending_.size(); ++i) bytes += pending_[i]->len;
  if (bytes > 0) message_bytes_ = static_cast<std::int64_t>(bytes / (pending_.size() - next_pending_));
  out.reserve(static_cast<std::int64_t>(pending_.size() - next_pending_), std::min(static_cast<std::int64_t>(bytes), limits.bytes));
  while (next_pending_ < pending_.size() && out.rows() < limits.rows && out.bytes() < limits.bytes) {
    rd_kafka_message_t* message = pending_[next_pending_];
    // An error waits until the rows before it were given out.
    if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF && out.rows() > rows_before) return {};
    ++next_pending_;
    const Status taken = take(*message, out);
    rd_kafka_message_destroy(message);
    PENSTOCK_TRY(taken);
  }
  return {};
}

Status KafkaSource::take(const rd_kafka_message_t& message, RawBatch& out) {
  const std::int32_t partition = number_of(message);
  const auto found = readers_.find(partition);
  if (message.err && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    Error error = error_of(message.err, "reading " + topics_.name_of(partition));
    if (message.err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || message.err == RD_KAFKA_RESP_ERR__TRANSPORT) {
      broker_problem_ = rd_kafka_message_errstr(&message);
      return {};
    }
    // Of several topics one may go: the others are read, and it is told by its partitions.
    if (error.kind == ErrorKind::not_found && topics_.is_pattern()) return {};
    if (error.kind == ErrorKind::data_loss && found != readers_.end() && found->second.next)
      error.message += "; position " + std::to_string(*found->second.next) + " is not held any more";
    return error;
  }
  broker_problem_.clear();
  if (found == readers_.end()) return {};
  Reader& reader = found->second;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    reader.end_seen = message.offset;
    if (!reader.next) reader.next = message.offset;
    reader.ended = reader.ended || (reader.until && message.offset >= *reader.until);
    return {};
  }
  if (reader.until && message.offset >= *reader.until) {
    reader.ended = true;
    return {};
  }
  const auto* place = topics_.is_pattern() ? topics_.place_of(partition) : nullptr;
  read_headers(message, place, headers_);
  const bool too_large = message.len > static_cast<std::size_t>(config_.message_max_bytes);
  reader.last = anchor_of(message);
  out.append({.position = {partition, message.offset},
              .value = {static_cast<const char*>(message.payload), too_large ? kCutBytes : message.len},
              .key = {static_cast<const char*>(message.key), message.key_len},
              .headers = headers_,
              .source_time_micros = reader.last.time_millis * 1000,
              .has_key = message.key != nullptr,
              .tombstone = message.payload == nullptr,
              .damage = too_large ? RawBatch::Damage::cut : RawBatch::Damage::none});
  reader.next = message.offset + 1;
  reader.ended = reader.until && *reader.next >= *reader.until;
  return {};
}

void KafkaSource::drop_pending() {
  for (; next_pending_ < pending_.size(); ++next_pending_) rd_kafka_message_destroy(pending_[next_pending_]);
  pending_.clear();
  next_pending_ = 0;
}

// Until the end of the partition was seen behind its last record.
std::vector<std::int32_t> KafkaSource::behind() const {
  std::vector<std::int32_t> behind;
  for (const auto& [partition, reader] : readers_)
    if (!reader.ended && (!reader.end_seen || (reader.next && *reader.end_seen < *reader.next))) behind.push_back(partition);
  return behind;
}

Positions KafkaSource::reached() const {
  Positions reached;
  for (const auto& [partition, reader] : readers_)
    if (reader.next) reached[partition] = std::max(*reader.next, reader.end_seen.value_or(0));
  return reached;
}

void KafkaSource::committed(const Positions& positions) {
  if (positions.empty()) return;
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& [partition, next] : positions)
    if (const auto added = add_to(*list, partition); added.ok()) (*added)->offset = next;
  // Only a courtesy: what it says is not read back, so a failure changes nothing.
  static_cast<void>(rd_kafka_commit(client_.get(), list.get(), 1));
}

}  // namespace penstock::kafka
