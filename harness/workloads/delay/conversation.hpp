// The delay query as a conversation.
#pragma once

#include "harness/workloads/deadline_conversation.hpp"
#include "harness/workloads/delay/client.hpp"
#include "harness/workloads/query_conversation.hpp"

namespace waitbench {

extern template class QueryConversation<DelayClient>;
extern template class DeadlineConversation<DelayClient>;
using DelayConversation = QueryConversation<DelayClient>;

}  // namespace waitbench
