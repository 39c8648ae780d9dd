// The queue: RabbitMQ. A lost connection ends the process, and Docker starts it again with a new one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const jobs = "jobs"

type Queue struct {
	connection *amqp.Connection
	// A channel is for one goroutine at a time.
	lock    sync.Mutex
	channel *amqp.Channel
}

func openQueue(context.Context) (*Queue, error) {
	connection, err := amqp.DialConfig(os.Getenv("QUEUE_URL"), amqp.Config{
		Heartbeat: 10 * time.Second,
		Dial:      amqp.DefaultDial(2 * time.Second),
	})
	if err != nil {
		return nil, err
	}
	queue := &Queue{connection: connection}
	if queue.channel, err = connection.Channel(); err == nil {
		if err = queue.channel.Confirm(false); err == nil {
			_, err = queue.channel.QueueDeclare(jobs, true, false, false, false, nil)
		}
	}
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	go endWithoutConnection(connection.NotifyClose(make(chan *amqp.Error, 1)))
	return queue, nil
}

func endWithoutConnection(lost <-chan *amqp.Error) {
	if why := <-lost; why != nil {
		slog.Error("the connection to RabbitMQ is lost", "error", why)
		os.Exit(1)
	}
}

func (queue *Queue) Ping(context.Context) error {
	queue.lock.Lock()
	defer queue.lock.Unlock()
	_, err := queue.channel.QueueDeclarePassive(jobs, true, false, false, false, nil)
	return err
}

func (queue *Queue) Send(ctx context.Context, job Job) error {
	content, err := json.Marshal(job)
	if err != nil {
		return err
	}
	queue.lock.Lock()
	defer queue.lock.Unlock()
	message := amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Persistent, Body: content}
	confirmation, err := queue.channel.PublishWithDeferredConfirmWithContext(ctx, "", jobs, false, false, message)
	if err != nil {
		return err
	}
	taken, err := confirmation.WaitContext(ctx)
	if err == nil && !taken {
		err = errors.New("RabbitMQ did not take the job")
	}
	return err
}

// Consume hands each job to `handle` until `ctx` ends. One that fails twice is dropped, not run in circles.
func (queue *Queue) Consume(ctx context.Context, handle func(context.Context, Job) error) error {
	channel, err := queue.connection.Channel()
	if err != nil {
		return err
	}
	defer channel.Close()
	if err := channel.Qos(10, 0, false); err != nil {
		return err
	}
	messages, err := channel.ConsumeWithContext(ctx, jobs, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for message := range messages {
		var job Job
		err := json.Unmarshal(message.Body, &job)
		if err == nil {
			err = handle(context.Background(), job)
		}
		if err != nil {
			slog.Error("a job failed", "error", err)
			err = message.Nack(false, !message.Redelivered)
		} else {
			err = message.Ack(false)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (queue *Queue) Close() error { return queue.connection.Close() }
