#include "harness/workloads/http/conversation.hpp"

namespace waitbench {

template class QueryConversation<HttpClient>;

}  // namespace waitbench
