#!/usr/bin/env escript
%%! +sbwt none +sbwtdcpu none +sbwtdio none
%% Processes of Erlang: a program that is written as if it blocked. A process's own stack and heap
%% remember; the runtime's poller (epoll) waits, and one scheduler for each CPU runs the processes.
%% A switch costs a message, and the scheduler's queues. The schedulers are told not to spin while
%% they have nothing to do, as they would otherwise.

main(Arguments) ->
    Order = lists:last(Arguments),
    Connections = list_to_integer(text(Order, "\"connections\":([0-9]+)")),
    Address = address(Order),
    Request = unhex(text(Order, "\"request\":\"([0-9a-f]+)\"")),
    ReplyBytes = list_to_integer(text(Order, "\"reply_bytes\":([0-9]+)")),
    Main = self(),
    [spawn(fun() -> start(Main, Address, Request, ReplyBytes) end)
     || _ <- lists:seq(1, Connections)],
    receive closed -> halt(0) end.

start(Main, {Address, Port}, Request, ReplyBytes) ->
    {ok, Socket} = gen_tcp:connect(Address, Port, [binary, {active, false}, {nodelay, true}]),
    converse(Main, Socket, Request, ReplyBytes).

converse(Main, Socket, <<Head:8/binary, _:8/binary, Tail/binary>> = Request, ReplyBytes) ->
    gen_tcp:send(Socket, Request),
    case gen_tcp:recv(Socket, ReplyBytes) of
        {ok, Reply} ->
            Proof = binary:part(Reply, ReplyBytes, -8),
            converse(Main, Socket, <<Head/binary, Proof/binary, Tail/binary>>, ReplyBytes);
        {error, closed} ->
            Main ! closed
    end.

address(Order) ->
    case re:run(Order, "\"unix\":\"([^\"]+)\"", [{capture, all_but_first, list}]) of
        {match, [Name]} ->
            {{local, [0 | Name]}, 0};
        nomatch ->
            {ok, Host} = inet:parse_address(text(Order, "\"host\":\"([^\"]+)\"")),
            {Host, list_to_integer(text(Order, "\"port\":([0-9]+)"))}
    end.

text(Order, Pattern) ->
    {match, [Text]} = re:run(Order, Pattern, [{capture, all_but_first, list}]),
    Text.

unhex(Text) ->
    Size = length(Text) * 4,
    <<(list_to_integer(Text, 16)):Size>>.
