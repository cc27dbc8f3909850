// The http query as a conversation.
#pragma once

#include "harness/workloads/http/client.hpp"
#include "harness/workloads/query_conversation.hpp"

namespace waitbench {

extern template class QueryConversation<HttpClient>;
using HttpConversation = QueryConversation<HttpClient>;

}  // namespace waitbench
