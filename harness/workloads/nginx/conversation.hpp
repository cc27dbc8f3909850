// The nginx query as a conversation.
#pragma once

#include "harness/workloads/nginx/client.hpp"
#include "harness/workloads/query_conversation.hpp"

namespace waitbench {

extern template class QueryConversation<NginxClient>;
using NginxConversation = QueryConversation<NginxClient>;

}  // namespace waitbench
